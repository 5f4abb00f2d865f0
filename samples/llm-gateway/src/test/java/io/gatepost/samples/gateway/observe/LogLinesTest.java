package io.gatepost.samples.gateway.observe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;

class LogLinesTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream before = System.err;
    private final LogLines provider = new LogLines();

    @BeforeEach
    void start() {
        System.setErr(new PrintStream(written, true, UTF_8));
        provider.initialize();
    }

    @AfterEach
    void stop() {
        System.setErr(before);
    }

    private List<String> lines() {
        return List.of(written.toString(UTF_8).split("\n", -1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r", "\u0085", "\u2028", "\u2029", "\u001b[2J", "\u0000", "\u007f"})
    void writesNoLineThatSomebodyElseMadeUp(String end) {
        Logger log = provider.getLoggerFactory().getLogger("io.undertow.request");

        log.warn("invalid name {}", "x" + end + "2026-11-30T00:00:00Z INFO gateway - forged");
        log.error("failed" + end, new IllegalStateException("bad" + end + "forged", new IllegalArgumentException(end)));

        assertThat(lines()).hasSize(3).last().isEqualTo("");
        assertThat(written.toString(UTF_8).chars().filter(c -> c != '\n'))
                .noneMatch(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029);
    }

    @Test
    void limitsWhatLibrariesSayAndNotWhatTheGatewaySays() {
        Logger library = provider.getLoggerFactory().getLogger("io.undertow.request");
        for (int i = 0; i < 5000; i++) {
            library.error("again");
        }
        // A slow machine may need several seconds for them.
        assertThat(lines()).hasSizeLessThan(2500);

        Logger gateway = provider.getLoggerFactory().getLogger("gateway");
        int so = lines().size();
        for (int i = 0; i < 300; i++) {
            gateway.info("reloaded");
        }
        assertThat(lines()).hasSize(so + 300);
    }

    @Test
    void saysWhereAProblemIsFrom() {
        provider.getLoggerFactory().getLogger("io.undertow").error("no {}", "way", new IllegalStateException("why"));

        assertThat(lines().get(0)).contains("no way: java.lang.IllegalStateException: why at io.gatepost");
    }
}

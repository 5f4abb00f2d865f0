package io.gatepost.samples.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** curl over HTTP/2 with prior knowledge. */
@Timeout(120)
class CurlIT {
    @TempDir
    private static Path folder;

    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws IOException {
        gateway = RunningGateway.start(folder);
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void answersWithAToken() throws Exception {
        assertThat(ask(RunningGateway.token("alice"), false))
                .contains(RunningGateway.ANSWER)
                .endsWith("\n2 200");
    }

    @Test
    void streamsWithAToken() throws Exception {
        String events = ask(RunningGateway.token("alice"), true);

        assertThat(events).contains("data: [DONE]\n\n").endsWith("\n2 200");
        assertThat(events.lines().filter(line -> line.startsWith("data: {"))).hasSizeGreaterThan(10);
    }

    @Test
    void refusesWithoutAToken() throws Exception {
        assertThat(ask(null, false)).contains(RunningGateway.NO_TOKEN).endsWith("\n2 401");
        assertThat(ask(null, true)).contains(RunningGateway.NO_TOKEN).endsWith("\n2 401");
    }

    @Test
    void refusesWhatARuleForbids() throws Exception {
        assertThat(ask(RunningGateway.token("bob"), false))
                .contains(RunningGateway.FORBIDDEN)
                .endsWith("\n2 403");
    }

    /** The body, and in a last line the version of HTTP and the status. */
    private String ask(@Nullable String token, boolean stream) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "--http2-prior-knowledge", "-sS", "-N"));
        command.addAll(List.of("-w", "\n%{http_version} %{http_code}"));
        command.addAll(List.of("--json", """
                {"model": "gpt-4.1-nano", "messages": [{"role": "user", "content": "?"}], "stream": %s}\
                """.formatted(stream)));
        if (token != null) {
            command.addAll(List.of("-H", "Authorization: Bearer " + token));
        }
        command.add(gateway.baseUrl() + "/chat/completions");
        return Tool.run(new File("."), command);
    }
}

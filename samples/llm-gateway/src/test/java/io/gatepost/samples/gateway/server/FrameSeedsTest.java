package io.gatepost.samples.gateway.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What {@link FrameFuzz} begins with. */
class FrameSeedsTest {
    private static final FrameFuzz TARGETS = new FrameFuzz();

    private interface Target {
        void take(byte[] octets) throws IOException;
    }

    private static final Map<String, Target> BY_NAME = Map.of(
            "aHeadIsRefusedOrSound", TARGETS::aHeadIsRefusedOrSound,
            "aBodyIsRefusedOrSentOnWhole", TARGETS::aBodyIsRefusedOrSentOnWhole,
            "controlFramesAreTakenOrEndTheConnection", TARGETS::controlFramesAreTakenOrEndTheConnection,
            "octetsOfHttp1AreRefusedOrSound", TARGETS::octetsOfHttp1AreRefusedOrSound);

    @AfterAll
    static void close() throws IOException {
        FrameFuzz.close();
    }

    @TestFactory
    Stream<DynamicTest> seeds() {
        return BY_NAME.entrySet().stream()
                .flatMap(target -> files(target.getKey()).stream()
                        .map(seed -> DynamicTest.dynamicTest(
                                target.getKey() + " " + seed.getFileName(),
                                () -> target.getValue().take(Files.readAllBytes(seed)))));
    }

    private static List<Path> files(String target) {
        try (Stream<Path> files =
                Files.list(Path.of(Objects.requireNonNull(FrameSeedsTest.class.getResource("FrameFuzzInputs/" + target))
                        .toURI()))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}

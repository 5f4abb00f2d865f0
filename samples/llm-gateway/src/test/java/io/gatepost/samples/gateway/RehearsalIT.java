package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive of classes that a start needs. */
class RehearsalIT {
    private static final String JAR = System.getProperty("gatepost.jar", "target/llm-gateway.jar");

    @TempDir
    Path temp;

    @Test
    void laysOutWhatAStartThenFindsReady() throws Exception {
        Path archive = temp.resolve("gateway.jsa");

        assertThat(java("-XX:ArchiveClassesAtExit=" + archive, "-jar", JAR, "rehearse"))
                .isZero();
        assertThat(archive).isNotEmptyFile();
        assertThat(java(
                        "-XX:SharedArchiveFile=" + archive,
                        "-Xlog:class+load:file=" + temp.resolve("loaded"),
                        "-jar",
                        JAR,
                        "rehearse"))
                .isZero();
        assertThat(temp.resolve("loaded"))
                .content()
                .containsPattern("io\\.gatepost\\.policy\\.PolicyEngine source: shared objects file")
                .containsPattern("io\\.undertow\\.server\\.HttpServerExchange source: shared objects file");
    }

    @Test
    void leavesNothingBehind() throws Exception {
        assertThat(java("-Djava.io.tmpdir=" + temp, "-Dgatepost.crypto=jdk", "-jar", JAR, "rehearse"))
                .isZero();

        try (Stream<Path> left = Files.list(temp)) {
            assertThat(left.filter(entry -> !entry.endsWith("said"))).isEmpty();
        }
    }

    private int java(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(temp.resolve("said").toFile())
                .start()
                .waitFor();
    }
}

package io.gatepost.samples.gateway;

import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive of classes that a start needs. */
class RehearsalIT {
    private static final String JAR = System.getProperty("gatepost.jar", "target/llm-gateway.jar");

    private static final boolean HAS_CACHE = Runtime.version().feature() >= 25;
    private static final String KEPT = HAS_CACHE ? "llm-gateway.aot" : "llm-gateway.jsa";

    /** Where a jar lies with the archive that it wrote. */
    @TempDir
    private static Path installed;

    private static String said = "";

    @TempDir
    private Path temp;

    @BeforeAll
    static void install() throws Exception {
        Path jar = Files.copy(Path.of(JAR), installed.resolve("llm-gateway.jar"));
        assertThat(java(installed, "-jar", jar.toString(), "rehearse", "--archive"))
                .isZero();
        said = Files.readString(installed.resolve("said"));
    }

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

    @Test
    void letsVerbsStartFromTheArchiveBesideTheJar() throws Exception {
        Path jar = installed.resolve("llm-gateway.jar");
        assertThat(said).isEqualToIgnoringNewLines("wrote " + installed.resolve(KEPT));

        Process verb = start("-jar", jar.toString(), "eval", "--ndjson");
        try (Writer lines = verb.outputWriter()) {
            lines.write("{\"id\":1,\"expression\":\"1 + 1\"}\n");
            lines.flush();
            assertThat(verb.inputReader().readLine()).isEqualTo("{\"id\":1,\"value\":2}");
            assertThat(verb.children())
                    .singleElement()
                    .satisfies(child -> assertThat(child.info().arguments().orElseThrow())
                            .contains((HAS_CACHE ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=")
                                    + installed.resolve(KEPT)));
        }
        assertThat(verb.waitFor()).isZero();
        assertThat(java("-jar", jar.toString(), "validate", "--file", "none")).isEqualTo(1);
    }

    @Test
    void endsAVerbWithTheProcessThatWasAskedForIt() throws Exception {
        Process verb = start("-jar", installed.resolve("llm-gateway.jar").toString(), "eval", "--ndjson");
        try (Writer lines = verb.outputWriter()) {
            lines.write("{\"id\":1,\"expression\":\"true\"}\n");
            lines.flush();
            assertThat(verb.inputReader().readLine()).contains("true");
            ProcessHandle child = verb.children().findFirst().orElseThrow();
            verb.destroy();

            assertThat(child.onExit()).succeedsWithin(Duration.ofMinutes(1));
        }
    }

    @Test
    void saysNothingOfAnArchiveThatDoesNotFit() throws Exception {
        Path moved = Files.createDirectory(temp.resolve("moved")).resolve("llm-gateway.jar");
        Files.copy(installed.resolve("llm-gateway.jar"), moved, COPY_ATTRIBUTES);
        Files.copy(installed.resolve(KEPT), moved.resolveSibling(KEPT), COPY_ATTRIBUTES);
        Path changed = Files.createDirectory(temp.resolve("changed")).resolve("llm-gateway.jar");
        Files.copy(moved, changed);
        Files.writeString(changed.resolveSibling(KEPT), "no archive");

        for (Path other : List.of(moved, changed)) {
            assertThat(java("-jar", other.toString(), "validate", "--file", "none"))
                    .as(other.toString())
                    .isEqualTo(1);
            assertThat(temp.resolve("said"))
                    .content()
                    .doesNotContain("archive", "cds", "AOT")
                    .hasLineCount(1);
        }
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private int java(String... arguments) throws IOException, InterruptedException {
        return java(temp, arguments);
    }

    /** What the process says is kept in a file of the folder. */
    private static int java(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile())
                .start()
                .waitFor();
    }
}

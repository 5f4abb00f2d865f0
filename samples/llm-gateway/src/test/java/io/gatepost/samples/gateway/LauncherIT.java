package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts the jar. */
@Timeout(120)
class LauncherIT {
    private static final Path SCRIPT = Path.of("bin", "gatepost");
    private static final Path JAR = Path.of(System.getProperty("gatepost.jar", "target/llm-gateway.jar"));

    @TempDir
    private Path folder;

    private String said(Path script, int exit, String... arguments) throws Exception {
        ProcessBuilder command = new ProcessBuilder(script.toString());
        command.command().addAll(List.of(arguments));
        command.environment().put("JAVA_HOME", System.getProperty("java.home"));
        command.environment().put("GATEPOST_JAVA_OPTS", "-XX:+PrintCommandLineFlags");
        Process process = command.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(exit);
        return said;
    }

    private Path installed() throws IOException {
        Path own = Files.createDirectories(folder.resolve("a folder").resolve("bin"));
        Files.copy(JAR, own.resolveSibling("llm-gateway.jar"));
        return Files.copy(SCRIPT, own.resolve("gatepost"), StandardCopyOption.COPY_ATTRIBUTES);
    }

    @Test
    void passesOnOptionsArgumentsAndTheExitCode() throws Exception {
        Path linked = Files.createSymbolicLink(folder.resolve("linked"), installed());

        assertThat(said(linked, 0, "--version"))
                .contains("llm-gateway ", "-XX:+ExitOnOutOfMemoryError")
                .containsPattern(Runtime.version().feature() >= 25 ? "UseCompactObjectHeaders" : "UseSerialGC");
        assertThat(said(linked, 1, "validate", "--file", "no such file")).contains("no such file");
    }

    @Test
    void takesTheArchiveBesideTheJar() throws Exception {
        Path script = installed();
        Path archive = folder.resolve("a folder")
                .resolve("llm-gateway." + (Runtime.version().feature() >= 25 ? "aot" : "jsa"));
        Files.writeString(archive, "none");

        assertThat(said(script, 0, "--version")).contains(archive.toRealPath().toString());
    }

    @Test
    void saysThatThereIsNoJar() throws Exception {
        Path alone = Files.copy(SCRIPT, folder.resolve("gatepost"), StandardCopyOption.COPY_ATTRIBUTES);

        assertThat(said(alone, 1, "serve")).startsWith("gatepost: no llm-gateway.jar");
    }
}

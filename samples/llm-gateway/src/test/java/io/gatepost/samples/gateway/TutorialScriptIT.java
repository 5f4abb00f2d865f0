package io.gatepost.samples.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code tutorial.sh} says to someone new. */
class TutorialScriptIT {
    @TempDir
    private Path folder;

    private final ProcessBuilder script = new ProcessBuilder("sh", "tutorial.sh");

    private Process start(int port) throws IOException {
        script.environment().put("PORT", Integer.toString(port));
        return script.redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    private String out() throws IOException {
        return Files.readString(folder.resolve("out"));
    }

    private String err() throws IOException {
        return Files.readString(folder.resolve("err"));
    }

    private static ServerSocket listening() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = listening()) {
            return socket.getLocalPort();
        }
    }

    @Test
    void printsCommandsWhoseOutputShowsTheStatus() throws Exception {
        Process tutorial = start(freePort());
        try {
            while (!out().contains("Ctrl-C")) {
                assertThat(tutorial.isAlive()).as(err()).isTrue();
                LockSupport.parkNanos(10_000_000);
            }
            List<String> commands =
                    out().lines().filter(line -> line.startsWith("curl ")).toList();

            assertThat(commands)
                    .hasSize(3)
                    .allSatisfy(command ->
                            assertThat(last(run(command))).isEqualTo(command.replaceFirst(".*# expect ", "")));
            assertThat(err()).doesNotContain("warning", "cds");
        } finally {
            tutorial.destroy();
            tutorial.waitFor();
        }
    }

    private static String run(String command) throws IOException {
        Process shell = new ProcessBuilder("sh", "-c", command).start();
        return new String(shell.getInputStream().readAllBytes(), UTF_8);
    }

    private static String last(String text) {
        return text.lines().reduce("", (before, line) -> line);
    }

    @Test
    void saysFirstThatAPortIsTakenAndHowToChooseAnother() throws Exception {
        try (ServerSocket taken = listening()) {
            Process tutorial = start(taken.getLocalPort());

            assertThat(tutorial.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(tutorial.exitValue()).isEqualTo(1);
            assertThat(out()).isEmpty();
            assertThat(err())
                    .isEqualTo("tutorial.sh: port " + taken.getLocalPort()
                            + " is taken: choose another one, as in PORT=8081 samples/llm-gateway/tutorial.sh\n");
        }
    }

    @Test
    void namesEachModuleAsItIsBuiltAndShowsWhyABuildFails() throws Exception {
        Path copy = Files.createDirectories(folder.resolve("a/b")).resolve("tutorial.sh");
        Files.copy(Path.of("tutorial.sh"), copy);
        Path maven =
                Files.writeString(Files.createDirectory(folder.resolve("bin")).resolve("mvn"), """
                #!/bin/sh
                echo '[INFO] Building Gatepost core 0.1.0 [1/2]'
                echo '[INFO] Building Gatepost sample gateway 0.1.0 [2/2]'
                echo '[ERROR] no space left'
                exit 1
                """);
        Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
        script.command("sh", copy.toString());
        script.environment().merge("PATH", "", (path, none) -> maven.getParent() + ":" + path);

        Process tutorial = start(freePort());

        assertThat(tutorial.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(tutorial.exitValue()).isEqualTo(1);
        assertThat(out()).contains("Building the gateway", "  Gatepost core 0.1.0\n  Gatepost sample gateway 0.1.0\n");
        assertThat(err()).contains("[ERROR] no space left", "tutorial.sh: the build failed");
    }
}

package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does what docs/tutorial.md says, with the jar that the build made. */
class TutorialIT {
    private static final String END_OF_BLOCK = "--- end of block ---\n";

    @TempDir
    private Path folder;

    @Test
    void printsWhatThePageSays() throws Exception {
        List<String> expected = new ArrayList<>();
        StringBuilder script = new StringBuilder(prologue());
        for (Markdown.Block block : Markdown.read("docs/tutorial.md").blocks()) {
            if (block.language().equals("sh")) {
                script.append(block.text()).append("printf -- '" + END_OF_BLOCK.replace("\n", "\\n") + "'\n");
                expected.add("");
            } else if (block.language().equals("text")) {
                expected.set(expected.size() - 1, block.text());
            }
        }
        String port = Integer.toString(freePort());
        String printed = run(script.toString().replace("8080", port));
        assertThat(printed.replace(port, "8080").split(END_OF_BLOCK, -1))
                .as("what the page's commands print; stderr: " + Files.readString(folder.resolve("stderr")))
                .containsExactlyElementsOf(withEnd(expected));
    }

    /** What the page has a reader do for himself. Job control, so that `kill %1` ends the gateway as in a terminal. */
    private static String prologue() {
        String jar = Path.of("target", "llm-gateway.jar").toAbsolutePath().toString();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return "set -emu\ntrap 'kill %1 2>/dev/null || true' EXIT\nllm-gateway() { '" + java + "' -jar '" + jar
                + "' \"$@\"; }\n";
    }

    private static List<String> withEnd(List<String> outputs) {
        List<String> all = new ArrayList<>(outputs);
        all.add("");
        return all;
    }

    private String run(String script) throws Exception {
        Path file = Files.writeString(folder.resolve("script"), script);
        Path work = Files.createDirectory(folder.resolve("work"));
        Process bash = new ProcessBuilder("bash", file.toString())
                .directory(work.toFile())
                .redirectError(folder.resolve("stderr").toFile())
                .redirectOutput(folder.resolve("stdout").toFile())
                .start();
        try {
            assertThat(bash.waitFor(2, TimeUnit.MINUTES)).as("ends in time").isTrue();
        } finally {
            bash.descendants().forEach(ProcessHandle::destroy);
            bash.destroy();
        }
        return Files.readString(folder.resolve("stdout"));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

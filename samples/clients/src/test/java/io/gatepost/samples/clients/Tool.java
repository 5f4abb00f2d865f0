package io.gatepost.samples.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A program of the system. One that is missing fails the test that needs it. */
final class Tool {
    private Tool() {}

    /** What it prints; its complaints go to a file beside it. */
    static String run(File folder, List<String> command) throws IOException, InterruptedException {
        File complaints = new File("target", new File(command.get(0)).getName() + ".log");
        Process process = new ProcessBuilder(command)
                .directory(folder)
                .redirectError(complaints)
                .start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor())
                    .as("status of %s, see %s", command.get(0), complaints)
                    .isZero();
            return output;
        } finally {
            process.destroy();
        }
    }
}

package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recording that docs/testing.md shows is decided as it says. */
class TestingPageTest {
    @Test
    void replaysTheRecordingAsShown(@TempDir Path folder) throws Exception {
        Page page = Page.read("testing.md");
        String policy = page.block("yaml");
        assertThat(policy).contains("> 3");
        Files.writeString(folder.resolve("chat.yaml"), policy);
        Files.writeString(folder.resolve("chat-new.yaml"), policy.replace("> 3", ">= 3"));
        Files.writeString(folder.resolve("requests.ndjson"), page.block("json"));

        String test = page.block("java").replace("Path.of(\"", "Path.of(\"" + folder + "/");
        new ShownTest("ChatReplayTest", test).run(folder);
    }
}

package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The test that this module's README starts with has fifteen lines, and passes. */
class TestkitReadmeTest {
    @Test
    void runsTheFirstTest(@TempDir Path folder) throws Exception {
        String example = new Page(Files.readString(Path.of("README.md"))).block("java");
        assertThat(example.lines()).hasSize(15);
        new ShownTest("FirstTest", example).run(folder);
    }
}

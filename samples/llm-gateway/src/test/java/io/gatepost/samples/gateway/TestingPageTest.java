package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps docs/testing.md true: its tests fail, pass and are found wanting as it says. */
class TestingPageTest {
    @TempDir
    private Path folder;

    private List<String> files = List.of();
    private List<String> outputs = List.of();

    @BeforeEach
    void readPage() throws IOException {
        Markdown page = Markdown.read("docs/testing.md");
        files = blocks(page, "yaml");
        outputs = blocks(page, "text");
        Files.writeString(folder.resolve("chat.yaml"), files.get(0));
        Files.writeString(folder.resolve("chat.test.yaml"), files.get(1));
    }

    private static List<String> blocks(Markdown page, String language) {
        return page.blocks().stream()
                .filter(block -> block.language().equals(language))
                .map(Markdown.Block::text)
                .toList();
    }

    private String said(int exit, String... options) {
        String[] args = new String[options.length + 3];
        args[0] = "test";
        args[1] = "--file";
        args[2] = folder.toString();
        System.arraycopy(options, 0, args, 3, options.length);
        Cli run = Cli.run(args);
        assertThat(run.err()).isEmpty();
        assertThat(run.exit()).isEqualTo(exit);
        return run.out().replace(folder.toString(), ".");
    }

    @Test
    void failsAndPassesAsShown() throws IOException {
        assertThat(said(1)).isEqualTo(outputs.get(0));

        Files.writeString(folder.resolve("chat.yaml"), files.get(0).replace("> 3", ">= 3"));

        assertThat(said(0)).isEqualTo(outputs.get(1));
        assertThat(said(0, "--coverage", "--mutate")).isEqualTo(outputs.get(2));
    }
}

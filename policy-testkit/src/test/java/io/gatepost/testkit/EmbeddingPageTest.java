package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Each snippet of {@code docs/embedding.md} stands in the file that is named above it, indented as it may be. */
class EmbeddingPageTest {
    private static final String PAGE = Page.read("embedding.md").text();
    private static final Pattern FENCE = Pattern.compile("(?m)^```\\w+$");
    private static final Pattern SNIPPET = Pattern.compile("(?ms)^<!-- (\\S+) -->\\n```\\w+\\n(.*?)^```$");

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).toList();
    }

    private static String file(String name) throws IOException {
        return Files.readString(Path.of("..").resolve(name), UTF_8);
    }

    @Test
    void takesEachSnippetFromTheFileAboveIt() throws Exception {
        List<MatchResult> snippets = SNIPPET.matcher(PAGE).results().toList();

        for (MatchResult snippet : snippets) {
            List<String> source = lines(file(snippet.group(1)));
            assertThat(Collections.indexOfSubList(source, lines(snippet.group(2))))
                    .as("place in %s of%n%s", snippet.group(1), snippet.group(2))
                    .isNotNegative();
        }
        assertThat(snippets).isNotEmpty().hasSize((int)
                FENCE.matcher(PAGE).results().count());
    }
}

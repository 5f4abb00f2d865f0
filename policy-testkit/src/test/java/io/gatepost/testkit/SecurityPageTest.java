package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What {@code docs/security.md} names is there. */
class SecurityPageTest {
    private static final Page PAGE = Page.read("security.md");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    @Test
    void goesThroughRfc8725ItemByItem() {
        List<String> items = PAGE.rows("| RFC 8725 |")
                .map(row -> row.get(0).split(" ", 2)[0])
                .toList();

        assertThat(items)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 12).mapToObj(i -> "3." + i).toList());
    }

    @TestFactory
    Stream<DynamicTest> namesClassesAndTestsThatExist() {
        return Stream.of("| RFC 8725 |", "| attempt |", "| found |")
                .flatMap(PAGE::rows)
                .map(row -> dynamicTest(row.get(0), () -> {
                    assertThat(quoted(row.get(2))).isNotEmpty().allSatisfy(SecurityPageTest::assertIsClass);
                    assertThat(quoted(row.get(3))).isNotEmpty().allSatisfy(SecurityPageTest::assertIsTest);
                }));
    }

    private static List<String> quoted(String cell) {
        return QUOTED.matcher(cell)
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
    }

    private static void assertIsClass(String name) {
        assertThat(Page.source(name + ".java")).containsPattern("(class|record|enum|interface) " + name + "\\b");
    }

    private static void assertIsTest(String name) {
        String[] parts = name.split("#", 2);
        String source = Page.source(parts[0] + ".java");
        assertThat(source).containsPattern("(class|interface) " + parts[0] + " ");
        if (parts.length == 2) {
            assertThat(source).containsPattern("(?m)^ +(default )?void " + parts[1] + "\\(");
        }
    }
}

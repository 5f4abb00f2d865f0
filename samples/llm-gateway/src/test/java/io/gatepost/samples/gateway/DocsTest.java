package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages can be read and followed: no link leads nowhere, and no row of a table is too long to read. */
class DocsTest {
    private static final Path PROJECT = Path.of("..", "..").toAbsolutePath().normalize();

    /** What fits on a wide screen. More belongs into a list or a paragraph. */
    private static final int LONGEST_ROW = 200;

    private static final Pattern FENCE = Pattern.compile("(?ms)^ *```.*?^ *```$");
    private static final Pattern CODE = Pattern.compile("(`+)[^`].*?\\1");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.*)$");
    private static final Pattern MENTION = Pattern.compile("docs/[a-z-]+\\.md(#[\\w-]+)?");

    @Test
    void leadsSomewhereByEachLink() throws IOException {
        List<String> dead = new ArrayList<>();
        for (Path page : files(".*\\.md")) {
            List<MatchResult> links = LINK.matcher(prose(page).replaceAll(CODE.pattern(), ""))
                    .results()
                    .toList();
            for (MatchResult link : links) {
                String target = link.group(1);
                if (!target.matches("[a-z]+:.*") && !exists(page, target)) {
                    dead.add(name(page) + ": " + target);
                }
            }
        }
        assertThat(dead).isEmpty();
    }

    @Test
    void hasThePagesAndHeadingsThatSourcesCite() throws IOException {
        List<String> dead = new ArrayList<>();
        for (Path source : files(".*src/(main|test)/.*\\.(java|properties|tsv)")) {
            MENTION.matcher(Files.readString(source))
                    .results()
                    .map(MatchResult::group)
                    .filter(mention -> !exists(PROJECT.resolve("README.md"), mention))
                    .forEach(mention -> dead.add(name(source) + ": " + mention));
        }
        assertThat(dead).isEmpty();
    }

    @Test
    void hasTablesOfShortRows() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path page : pages()) {
            prose(page)
                    .lines()
                    .filter(line -> line.strip().startsWith("|") && line.length() > LONGEST_ROW)
                    .forEach(row -> tooLong.add(name(page) + ": " + row.length() + " characters: " + row));
        }
        assertThat(tooLong).isEmpty();
    }

    @Test
    void listsEveryPageInTheIndex() throws IOException {
        String index = Files.readString(PROJECT.resolve("docs/README.md"));
        try (Stream<Path> files = Files.list(PROJECT.resolve("docs"))) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(file -> file.endsWith(".md") && !file.equals("README.md")))
                    .allSatisfy(file -> assertThat(index).contains("](" + file));
        }
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(PROJECT.resolve("README.md"), PROJECT.resolve("CONTRIBUTING.md")));
        try (Stream<Path> files = Files.walk(PROJECT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        return pages;
    }

    /** The files of the project whose names are like this, but for what tools have made. */
    private static List<Path> files(String pattern) throws IOException {
        try (Stream<Path> files = Files.walk(PROJECT)) {
            return files.filter(file -> name(file).matches(pattern))
                    .filter(file -> !name(file).matches("(.*/)?(target|node_modules|\\.\\w+)/.*"))
                    .toList();
        }
    }

    private static String name(Path file) {
        return PROJECT.relativize(file).toString().replace('\\', '/');
    }

    /** Without its fenced blocks. */
    private static String prose(Path page) throws IOException {
        return FENCE.matcher(Files.readString(page)).replaceAll("");
    }

    private static boolean exists(Path from, String target) {
        String[] parts = target.split("#", 2);
        Path file = parts[0].isEmpty() ? from : from.resolveSibling(parts[0]).normalize();
        boolean inside = file.startsWith(PROJECT) && Files.exists(file);
        return inside && (parts.length == 1 || anchors(file).contains(parts[1]));
    }

    /** The names that GitHub gives to headings; one that occurs again gets a number. */
    private static Set<String> anchors(Path page) {
        Set<String> anchors = new HashSet<>();
        Map<String, Integer> occurrences = new HashMap<>();
        try {
            HEADING.matcher(prose(page)).results().forEach(heading -> {
                String text = heading.group(1).replaceAll("\\[([^]]*)\\]\\([^)]*\\)", "$1");
                String anchor = text.strip()
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                        .replace(' ', '-');
                int earlier = occurrences.merge(anchor, 1, Integer::sum) - 1;
                anchors.add(earlier == 0 ? anchor : anchor + "-" + earlier);
            });
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return anchors;
    }
}

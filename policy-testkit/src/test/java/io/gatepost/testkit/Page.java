package io.gatepost.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A page of {@code docs}: its tables and its fenced blocks. */
record Page(String text) {
    private static final Path PROJECT = Path.of("..");

    static Page read(String name) {
        return new Page(content(PROJECT.resolve("docs").resolve(name)));
    }

    /** The text of a Java file of any module. */
    static String source(String name) {
        try (Stream<Path> files = Files.walk(PROJECT)) {
            return content(files.filter(file -> file.endsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no file " + name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first block in a language. */
    String block(String language) {
        Matcher fence =
                Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```$").matcher(text);
        if (!fence.find()) {
            throw new AssertionError("no block of " + language);
        }
        return fence.group(1);
    }

    /** The rows of all tables whose head starts so, cell by cell. */
    Stream<List<String>> rows(String head) {
        List<String> lines = text.lines().toList();
        return Stream.iterate(0, i -> i < lines.size(), i -> i + 1)
                .filter(i -> lines.get(i).startsWith(head))
                .flatMap(i -> lines.subList(i + 2, lines.size()).stream().takeWhile(line -> line.startsWith("|")))
                .map(Page::cells);
    }

    private static List<String> cells(String row) {
        String[] cells = row.split("\\|", -1);
        return Arrays.stream(cells, 1, cells.length - 1).map(String::strip).toList();
    }

    /** What stands between backquotes. */
    static String plain(String cell) {
        return cell.substring(1, cell.length() - 1);
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

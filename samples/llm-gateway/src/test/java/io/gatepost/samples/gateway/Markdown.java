package io.gatepost.samples.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fenced blocks of a page, so that what a page says can be executed. */
record Markdown(List<Block> blocks) {
    private static final Pattern FENCE = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");

    /** A block and the language behind its fence. */
    record Block(String language, String text) {}

    /** The page's path is relative to the project's folder. */
    static Markdown read(String page) throws IOException {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = FENCE.matcher(Files.readString(Path.of("..", "..").resolve(page)));
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
        }
        return new Markdown(blocks);
    }

    /** The only block in a language. */
    String only(String language) {
        List<Block> found = blocks.stream()
                .filter(block ->
                        block.language().equals(language) && !block.text().startsWith("<"))
                .toList();
        if (found.size() != 1) {
            throw new IllegalStateException(found.size() + " blocks of " + language);
        }
        return found.get(0).text();
    }
}

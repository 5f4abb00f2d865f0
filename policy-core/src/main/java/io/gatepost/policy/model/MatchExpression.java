package io.gatepost.policy.model;

import io.gatepost.policy.diagnostic.Origin;
import java.util.List;
import java.util.Objects;

/**
 * An expression's text and where it stands.
 *
 * @param text the expression, 1 to 16,384 characters
 * @param origin where its first character is written
 * @param runs where the parts of the text are written, where quotes, escapes or folded lines part it; may be empty
 */
public record MatchExpression(String text, Origin origin, List<Run> runs) {
    /**
     * A part of the text that stands in one piece in the document.
     *
     * @param offset where it starts in the text, in code points
     * @param line the line where it starts in the document, 1-based
     * @param column the column where it starts in the document, 1-based
     */
    public record Run(int offset, int line, int column) {}

    public MatchExpression {
        Objects.requireNonNull(origin, "origin");
        runs = List.copyOf(runs);
        if (text.isEmpty() || text.length() > 16_384) {
            throw new IllegalArgumentException("expected 1 to 16384 characters, found " + text.length());
        }
    }

    /**
     * An expression that stands in the document as it is.
     *
     * @param text the expression
     * @param origin where its first character is written
     */
    public MatchExpression(String text, Origin origin) {
        this(text, origin, List.of());
    }

    /**
     * Where a part of the text is written.
     *
     * @param line 1-based line within the text
     * @param column 1-based column within that line, in code points
     * @return the position in the document
     */
    public Origin at(int line, int column) {
        if (runs.isEmpty() || line < 1 || column < 1) {
            return origin.within(line, column);
        }
        int offset = offset(line, column);
        Run found = runs.get(0);
        for (Run run : runs) {
            found = run.offset() <= offset ? run : found;
        }
        int past = Math.max(0, offset - found.offset());
        return new Origin(origin.source(), found.line(), found.column() + past, origin.path());
    }

    private int offset(int line, int column) {
        int start = 0;
        for (int i = 1; i < line; i++) {
            start = text.indexOf('\n', start) + 1;
        }
        return text.codePointCount(0, start) + column - 1;
    }
}

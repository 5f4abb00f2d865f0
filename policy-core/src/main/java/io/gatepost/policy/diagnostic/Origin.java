package io.gatepost.policy.diagnostic;

import java.util.Objects;

/**
 * Where a value was written, so that every message about it can point there.
 *
 * @param source the file's name as the user gave it, or {@code ""} for a value made in code
 * @param line 1-based line, 0 for a value made in code
 * @param column 1-based column of the value's first character, counted in code points; 0 for a value made in code
 * @param path the path within the document, such as {@code spec.traffic.jwtAuthentication.mode}; may be empty
 */
public record Origin(String source, int line, int column, String path) {
    /** The origin of values that were made in code, not read from a document. */
    public static final Origin CODE = new Origin("", 0, 0, "");

    public Origin {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(path, "path");
        if (line < 0 || column < 0) {
            throw new IllegalArgumentException("position must not be negative");
        }
    }

    /**
     * Where that is, in the form that editors and terminals follow.
     *
     * @return {@code file:line:col}; empty for a value made in code
     */
    public String place() {
        return source.isEmpty() ? "" : source + ":" + line + ":" + column;
    }

    /**
     * A position within a text value that starts here.
     *
     * @param lineInText 1-based line within the text
     * @param columnInText 1-based column within that line
     * @return this origin moved there; for a later line the column is the one within the text
     */
    public Origin within(int lineInText, int columnInText) {
        if (line == 0 || lineInText < 1 || columnInText < 1) {
            return this;
        }
        return lineInText == 1
                ? new Origin(source, line, column + columnInText - 1, path)
                : new Origin(source, line + lineInText - 1, columnInText, path);
    }
}

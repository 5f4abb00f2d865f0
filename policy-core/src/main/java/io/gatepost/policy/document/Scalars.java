package io.gatepost.policy.document;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.Node.Scalar.Kind;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.MatchExpression.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the text of a YAML scalar tells beyond its value: its anchor, its type, and where each character is written. */
final class Scalars {
    private static final Pattern NOTHING = Pattern.compile("~|null|Null|NULL|");
    private static final Pattern BOOLEAN = Pattern.compile("true|True|TRUE|false|False|FALSE");
    private static final Pattern NUMBER = Pattern.compile(
            "[-+]?(\\d[\\d_]*|0o[0-7]+|0x[0-9a-fA-F]+|(\\.\\d+|\\d+(\\.\\d*)?)([eE][-+]?\\d+)?|\\.(inf|Inf|INF))|\\.(nan|NaN|NAN)");

    /** What nothing, booleans and numbers begin with. */
    private static final String NOT_TEXT = "~nNtTfF-+.0123456789";

    private Scalars() {}

    /** The anchor in front of a scalar, or null. */
    static @Nullable String anchor(Source source, int index) {
        for (int i = index; isProperty(source.at(i)); i = skipProperty(source, i)) {
            if (source.at(i) == '&') {
                StringBuilder name = new StringBuilder();
                for (int j = i + 1; !endsProperty(source.at(j)); j++) {
                    name.appendCodePoint(source.at(j));
                }
                return name.toString();
            }
        }
        return null;
    }

    /** The place of a scalar behind its anchor and tag. */
    static int content(Source source, int index) {
        int i = index;
        while (isProperty(source.at(i))) {
            i = skipProperty(source, i);
        }
        return i;
    }

    /** The type that YAML's core schema gives a scalar without a tag. */
    static Kind kind(Source source, int index, String text) {
        int style = source.at(content(source, index));
        if (style == '"' || style == '\'' || style == '|' || style == '>') {
            return Kind.TEXT;
        }
        if (!text.isEmpty() && NOT_TEXT.indexOf(text.charAt(0)) < 0) {
            return Kind.TEXT;
        }
        if (NOTHING.matcher(text).matches()) {
            return Kind.NOTHING;
        }
        if (BOOLEAN.matcher(text).matches()) {
            return Kind.BOOLEAN;
        }
        return text.length() < 1000 && NUMBER.matcher(text).matches() ? Kind.NUMBER : Kind.TEXT;
    }

    private static boolean isProperty(int codePoint) {
        return codePoint == '&' || codePoint == '!';
    }

    private static boolean endsProperty(int codePoint) {
        return Source.isBlank(codePoint)
                || codePoint == ','
                || codePoint == '['
                || codePoint == ']'
                || codePoint == '{'
                || codePoint == '}';
    }

    private static int skipProperty(Source source, int index) {
        int i = index;
        while (!endsProperty(source.at(i))) {
            i++;
        }
        while (source.at(i) != -1 && Source.isBlank(source.at(i))) {
            i++;
        }
        return i;
    }

    /**
     * An expression, with where its characters are written: in quotes, blocks and folded lines text and source differ.
     */
    static MatchExpression expression(Source source, Node.Scalar scalar, String path) {
        int content = content(source, scalar.index());
        List<Run> runs = new Alignment(source, content).runs(scalar.text());
        Run first = runs.get(0);
        return new MatchExpression(scalar.text(), new Origin(source.name(), first.line(), first.column(), path), runs);
    }

    /** Walks through a scalar's text and its source side by side. White space is what may differ between the two. */
    private static final class Alignment {
        private final Source source;
        private final int style;
        private int place;
        private int expected = -1;

        Alignment(Source source, int content) {
            this.source = source;
            style = source.at(content);
            place = switch (style) {
                case '"', '\'' -> content + 1;
                case '|', '>' -> nextLine(content);
                default -> content;
            };
        }

        private int nextLine(int index) {
            int i = index;
            while (source.at(i) != '\n' && source.at(i) != '\r' && source.at(i) != -1) {
                i++;
            }
            return i;
        }

        List<Run> runs(String text) {
            List<Run> runs = new ArrayList<>();
            int[] characters = text.codePoints().toArray();
            for (int i = 0; i < characters.length; i++) {
                int length = Source.isBlank(characters[i]) ? blank(characters[i]) : visible();
                if (place != expected) {
                    Origin origin = source.origin(place, "");
                    runs.add(new Run(i, origin.line(), origin.column()));
                }
                expected = length == 1 ? place + 1 : -1;
                place += length;
            }
            return runs;
        }

        /** How many characters of the source stand for a blank; none for what a line break was folded into. */
        private int blank(int character) {
            if (style == '"' && source.at(place) == '\\' && !isLineBreak(source.at(place + 1))) {
                return escapeLength();
            }
            return character == ' ' && source.at(place) == ' ' ? 1 : 0;
        }

        private int visible() {
            while (isSkipped()) {
                place++;
            }
            if (style == '"' && source.at(place) == '\\') {
                return escapeLength();
            }
            return style == '\'' && source.at(place) == '\'' ? 2 : 1;
        }

        private boolean isSkipped() {
            int character = source.at(place);
            return character != -1
                    && (Source.isBlank(character)
                            || (style == '"' && character == '\\' && isLineBreak(source.at(place + 1))));
        }

        private static boolean isLineBreak(int character) {
            return character == '\n' || character == '\r';
        }

        private int escapeLength() {
            return switch (source.at(place + 1)) {
                case 'x' -> 4;
                case 'u' -> 6;
                case 'U' -> 10;
                default -> 2;
            };
        }
    }
}

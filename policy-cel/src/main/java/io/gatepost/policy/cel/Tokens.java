package io.gatepost.policy.cel;

import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The tokens of a text that is an expression, or was meant to be one, with their places in code points. Comments and
 * blanks are none.
 */
final class Tokens {
    private static final List<String> OPERATORS = List.of("&&", "||", "==", "!=", "<=", ">=");

    private final int[] text;
    private final List<Token> all = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();

    Tokens(String text) {
        this.text = text.codePoints().toArray();
        int at = 0;
        while (at < this.text.length) {
            int end = end(at);
            if (!isBlank(at)) {
                all.add(new Token(at, end));
                texts.add(new String(this.text, at, end - at));
            }
            at = end;
        }
    }

    /** A token, from its first character to behind its last. */
    record Token(int start, int end) {}

    /** How many there are. */
    int size() {
        return all.size();
    }

    /** The text of one token; empty before the first and behind the last. */
    String text(int index) {
        return index >= 0 && index < texts.size() ? texts.get(index) : "";
    }

    /** A part of the text. */
    String text(Token part) {
        return new String(text, part.start(), part.end() - part.start());
    }

    /** The text with a part replaced. */
    String with(Token part, String instead) {
        return new String(text, 0, part.start()) + instead + new String(text, part.end(), text.length - part.end());
    }

    /** Which token a character belongs to; -1 for none. */
    int indexAt(int offset) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).start() <= offset && offset < all.get(i).end()) {
                return i;
            }
        }
        return -1;
    }

    /** One token; an empty one before the first and behind the last. */
    Token get(int index) {
        return index >= 0 && index < all.size() ? all.get(index) : new Token(0, 0);
    }

    /** Whether nothing stands between a token and the one before it. */
    boolean touches(int index) {
        return index > 0 && index < size() && get(index - 1).end() == get(index).start();
    }

    /** What stands at a token and goes on to the next blank or quote, such as a URL, without the brackets around it. */
    String unbroken(int index) {
        int start = get(index).start();
        int end = start;
        while (end < text.length && !Character.isWhitespace(text[end]) && "\"'()[]{},".indexOf(text[end]) < 0) {
            end++;
        }
        return text(new Token(start, end));
    }

    /** A problem at a character. */
    Problem problem(int offset, String message) {
        int line = 1;
        int start = 0;
        for (int i = 0; i < offset && i < text.length; i++) {
            if (text[i] == '\n') {
                line++;
                start = i + 1;
            }
        }
        return new Problem(line, offset - start + 1, message);
    }

    /** Where a character is that a problem names by line and column. */
    int offset(int line, int column) {
        int at = 0;
        for (int left = line; left > 1 && at < text.length; at++) {
            left -= text[at] == '\n' ? 1 : 0;
        }
        return at + column - 1;
    }

    /** Some tokens, and as many more on either side as it takes until brackets match. */
    Token balanced(int first, int last) {
        Deque<String> open = new ArrayDeque<>();
        int from = first;
        for (int i = first; i <= last; i++) {
            String token = text(get(i));
            if (isOpening(token)) {
                open.push(token);
            } else if (isClosing(token)) {
                from = open.isEmpty() ? openingBefore(from) : from;
                open.poll();
            }
        }
        int to = last;
        for (int depth = open.size(); depth > 0 && to + 1 < all.size(); ) {
            to++;
            depth += step(to);
        }
        return new Token(get(from).start(), get(to).end());
    }

    private int openingBefore(int index) {
        int i = index;
        for (int depth = 1; depth > 0 && i > 0; ) {
            i--;
            depth -= step(i);
        }
        return i;
    }

    private int step(int index) {
        String token = text(get(index));
        return isOpening(token) ? 1 : isClosing(token) ? -1 : 0;
    }

    static boolean isOpening(String token) {
        return token.equals("(") || token.equals("[") || token.equals("{");
    }

    static boolean isClosing(String token) {
        return token.equals(")") || token.equals("]") || token.equals("}");
    }

    private boolean isBlank(int at) {
        return Character.isWhitespace(text[at]) || is(at, "//");
    }

    private int end(int at) {
        if (is(at, "//")) {
            return endOfLine(at);
        }
        int quote = at;
        while (quote < at + 2 && quote < text.length && "rRbB".indexOf(text[quote]) >= 0) {
            quote++;
        }
        if (quote < text.length && (text[quote] == '"' || text[quote] == '\'')) {
            return endOfString(quote, quote > at && hasRaw(at, quote));
        }
        if (isWord(text[at])) {
            return endOfWord(at);
        }
        return at + (OPERATORS.stream().anyMatch(operator -> is(at, operator)) ? 2 : 1);
    }

    private boolean hasRaw(int from, int to) {
        return new String(text, from, to - from).matches("(?i).*r.*");
    }

    private int endOfLine(int at) {
        int i = at;
        while (i < text.length && text[i] != '\n') {
            i++;
        }
        return i;
    }

    private int endOfString(int at, boolean raw) {
        String quote = Character.toString(text[at]);
        String quotes = is(at, quote.repeat(3)) ? quote.repeat(3) : quote;
        int i = at + quotes.length();
        while (i < text.length && !is(i, quotes)) {
            if (quotes.length() == 1 && text[i] == '\n') {
                return i;
            }
            i += !raw && text[i] == '\\' ? 2 : 1;
        }
        return Math.min(text.length, i + quotes.length());
    }

    /** A number with a point is one word, a path is several. */
    private int endOfWord(int at) {
        boolean number = Character.isDigit(text[at]);
        int i = at;
        while (i < text.length && (isWord(text[i]) || (number && isInNumber(i)))) {
            i++;
        }
        return i;
    }

    private boolean isInNumber(int at) {
        boolean exponent = "+-".indexOf(text[at]) >= 0 && "eE".indexOf(text[at - 1]) >= 0;
        boolean point = text[at] == '.' && at + 1 < text.length && Character.isDigit(text[at + 1]);
        return exponent || point;
    }

    private static boolean isWord(int character) {
        return character == '_' || Character.isLetterOrDigit(character);
    }

    private boolean is(int at, String expected) {
        for (int i = 0; i < expected.length(); i++) {
            if (at + i >= text.length || text[at + i] != expected.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}

package io.gatepost.policy.cel;

import io.gatepost.policy.cel.ExpressionTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The values among the tokens of a text that need not be an expression, for messages that quote its author. */
final class Operands {
    private static final Set<String> BINARY =
            Set.of("&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "*", "/", "%", "in", "?", ":");
    private static final int SHOWN = 80;

    private final ExpressionTokens tokens;

    Operands(ExpressionTokens tokens) {
        this.tokens = tokens;
    }

    boolean isText(int index) {
        String token = tokens.text(index);
        return token.endsWith("\"") || token.endsWith("'");
    }

    /** A name or a number; of CEL's words {@code in} is an operator. */
    boolean isWord(int index) {
        String token = tokens.text(index);
        return !token.isEmpty()
                && (token.charAt(0) == '_' || Character.isLetterOrDigit(token.charAt(0)))
                && !isText(index)
                && !token.equals("in");
    }

    /** Whether a token stands between two values. */
    boolean isBinary(int index) {
        return BINARY.contains(tokens.text(index));
    }

    /** Whether a value can end with a token. */
    boolean ends(int index) {
        return isWord(index) || isText(index) || ExpressionTokens.isClosing(tokens.text(index));
    }

    /** Whether a value can start with a token. */
    boolean starts(int index) {
        return isWord(index) || isText(index) || ExpressionTokens.isOpening(tokens.text(index));
    }

    /** The value that ends before a token; {@code otherwise} where none does, or where it is long. */
    String before(int index, String otherwise) {
        if (!ends(index - 1)) {
            return otherwise;
        }
        return text(start(index - 1), index - 1, otherwise);
    }

    /** The first token of the value that ends with a token. */
    int start(int last) {
        int i = last;
        while (true) {
            if (ExpressionTokens.isClosing(tokens.text(i))) {
                i = opening(i);
                if (!ends(i - 1)) {
                    return i;
                }
                i--;
            } else if (tokens.text(i - 1).equals(".") && ends(i - 2)) {
                i -= 2;
            } else {
                return i;
            }
        }
    }

    private int opening(int closing) {
        int depth = 1;
        int i = closing;
        while (depth > 0 && i > 0) {
            i--;
            String token = tokens.text(i);
            depth += ExpressionTokens.isClosing(token) ? 1 : ExpressionTokens.isOpening(token) ? -1 : 0;
        }
        return i;
    }

    /** The value that starts behind a token; {@code otherwise} where none does, or where it is long. */
    String after(int index, String otherwise) {
        return starts(index + 1) ? text(index + 1, end(index + 1), otherwise) : otherwise;
    }

    /** The last token of the value that starts with a token. */
    int end(int first) {
        int i = ExpressionTokens.isOpening(tokens.text(first)) ? closing(first) : first;
        while (true) {
            String next = tokens.text(i + 1);
            if (next.equals(".") && isWord(i + 2)) {
                i += 2;
            } else if (next.equals("(") || next.equals("[")) {
                i = closing(i + 1);
            } else {
                return i;
            }
        }
    }

    /** The bracket that closes one, or the last token where none does. */
    int closing(int opening) {
        int depth = 0;
        for (int i = opening; i < tokens.size(); i++) {
            String token = tokens.text(i);
            depth += ExpressionTokens.isOpening(token) ? 1 : ExpressionTokens.isClosing(token) ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        return tokens.size() - 1;
    }

    /** What stands between the commas of a bracket. */
    List<String> arguments(int opening) {
        List<String> arguments = new ArrayList<>();
        int end = closing(opening);
        int start = opening + 1;
        int depth = 0;
        for (int i = start; i <= end; i++) {
            String token = tokens.text(i);
            boolean last = i == end;
            if (start < i && depth == 0 && (last || token.equals(","))) {
                arguments.add(text(start, i - 1, "..."));
                start = i + 1;
            }
            depth += ExpressionTokens.isOpening(token) ? 1 : ExpressionTokens.isClosing(token) ? -1 : 0;
        }
        return arguments;
    }

    private String text(int first, int last, String otherwise) {
        String text = tokens.text(
                new Token(tokens.get(first).start(), tokens.get(last).end()));
        return text.length() > SHOWN || text.contains("\n") ? otherwise : text;
    }
}

package io.gatepost.policy.cel;

import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks for brackets without their other half, and for values and operators that don't take turns. */
final class Structure {
    private final ExpressionTokens tokens;
    private final Operands operands;

    Structure(ExpressionTokens tokens, Operands operands) {
        this.tokens = tokens;
        this.operands = operands;
    }

    /** The first problem; none where these don't say why the text is no expression. */
    List<Problem> problems() {
        Problem problem = brackets();
        for (int i = 0; problem == null && i < tokens.size(); i++) {
            String message = message(i);
            problem = message == null ? null : tokens.problem(tokens.get(i).start(), message);
        }
        return problem == null ? List.of() : List.of(problem);
    }

    private @Nullable Problem brackets() {
        Deque<Integer> open = new ArrayDeque<>();
        for (int i = 0; i < tokens.size(); i++) {
            String token = tokens.text(i);
            if (ExpressionTokens.isOpening(token)) {
                open.push(i);
            } else if (ExpressionTokens.isClosing(token)) {
                if (open.isEmpty()) {
                    return at(i, "`" + token + "` closes nothing; remove it, or open it with `" + other(token) + "`");
                }
                String opened = tokens.text(open.pop());
                if (!opened.equals(other(token))) {
                    return at(i, "`" + token + "` can't close `" + opened + "`; write `" + other(opened) + "`");
                }
            }
        }
        return open.isEmpty()
                ? null
                : at(
                        open.peek(),
                        "`" + tokens.text(open.peek()) + "` is not closed; a `" + other(tokens.text(open.peek()))
                                + "` is missing");
    }

    private static String other(String bracket) {
        String brackets = "()[]{}";
        return String.valueOf(brackets.charAt(brackets.indexOf(bracket) ^ 1));
    }

    private Problem at(int index, String message) {
        return tokens.problem(tokens.get(index).start(), message);
    }

    private @Nullable String message(int i) {
        String token = tokens.text(i);
        String next = tokens.text(i + 1);
        boolean last = i == tokens.size() - 1;
        if (token.equals(",")) {
            return last
                    ? "nothing follows this `,`; remove it"
                    : ExpressionTokens.isClosing(next)
                            ? "nothing follows this `,` before `" + next + "`; remove it"
                            : isWithinBrackets(i)
                                    ? null
                                    : "a `,` can't stand between conditions; join them with `&&`, or write each as an"
                                            + " expression of its own";
        }
        if (token.equals(".") && !operands.isWord(i + 1)) {
            return "a name is missing after `.`";
        }
        if (operands.isBinary(i) || token.equals("-") || token.equals("!")) {
            return operator(i, token, next, last);
        }
        if (operands.ends(i) && (operands.isWord(i + 1) || operands.isText(i + 1) || next.equals("!"))) {
            return tokens.text(i + 1).isEmpty()
                    ? null
                    : "between `" + token + "` and `" + next + "` an operator is missing, such as `&&` or `==`"
                            + (isWithinBrackets(i) ? ", or a `,`" : "");
        }
        return token.equals("(") && next.equals(")") && !operands.ends(i - 1)
                ? "nothing stands between these brackets"
                : null;
    }

    private @Nullable String operator(int i, String token, String next, boolean last) {
        boolean unary = token.equals("-") || token.equals("!");
        if (last) {
            return "the expression ends after `" + token + "`; what it is about is missing";
        }
        if (!unary && !operands.ends(i - 1) && !isOptionalIndex(i)) {
            return i == 0
                    ? "nothing stands before `" + token + "`"
                    : "between `" + tokens.text(i - 1) + "` and `" + token + "` a value is missing";
        }
        if (ExpressionTokens.isClosing(next)) {
            return "between `" + token + "` and `" + next + "` a value is missing";
        }
        if (token.equals("?") && !isOptionalIndex(i) && !hasColon(i)) {
            return "a `:` is missing for this `?`; write `condition ? value : otherwise`";
        }
        return token.equals(":") && !isWithinBrackets(i) && !hasQuestion(i)
                ? "a `?` is missing for this `:`; write `condition ? value : otherwise`"
                : null;
    }

    /** As in {@code a.?b} and {@code a[?0]}. */
    private boolean isOptionalIndex(int i) {
        String before = tokens.text(i - 1);
        return tokens.text(i).equals("?") && (before.equals(".") || before.equals("[") || before.equals("{"));
    }

    private boolean hasColon(int question) {
        for (int i = question + 1; i < tokens.size(); i++) {
            if (tokens.text(i).equals(":")) {
                return true;
            }
        }
        return false;
    }

    private boolean hasQuestion(int colon) {
        for (int i = colon - 1; i >= 0; i--) {
            if (tokens.text(i).equals("?") && !isOptionalIndex(i)) {
                return true;
            }
        }
        return false;
    }

    private boolean isWithinBrackets(int index) {
        int depth = 0;
        for (int i = 0; i < index; i++) {
            depth += ExpressionTokens.isOpening(tokens.text(i))
                    ? 1
                    : ExpressionTokens.isClosing(tokens.text(i)) ? -1 : 0;
        }
        return depth > 0;
    }
}

package io.gatepost.policy.cel;

import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Names with a hyphen, such as {@code jwt.resource_access.llm-gateway.roles}, which read as a subtraction. */
final class Hyphens {
    /** Claims that are numbers: their difference is one. */
    private static final Set<String> NUMBERS = Set.of("iat", "exp", "nbf", "auth_time");

    private final Tokens tokens;
    private final Operands operands;
    private final List<Subtraction> found = new ArrayList<>();

    /** Where a name with hyphens stands, and what there is to say of it. */
    private record Subtraction(int start, int end, String message) {}

    Hyphens(Tokens tokens, Operands operands, Set<String> variables) {
        this.tokens = tokens;
        this.operands = operands;
        for (int i = 1; i < tokens.size(); i++) {
            if (isHyphen(i)) {
                i = add(i, variables);
            }
        }
    }

    /** The problem of the name that stands at a place; null where none does. */
    @Nullable
    Problem problem(int offset) {
        return found.stream()
                .filter(one -> one.start() <= offset && offset < one.end())
                .findFirst()
                .map(one -> tokens.problem(one.start(), one.message()))
                .orElse(null);
    }

    /** The problem of the name that stands in the brackets of a call at a place; null where none does. */
    @Nullable
    Problem within(int offset) {
        int bracket = tokens.indexAt(offset);
        return tokens.text(bracket).equals("(")
                ? problem(tokens.get(bracket + 1).start())
                : problem(offset);
    }

    /** Whether two words stand with a hyphen and no blank between them. */
    private boolean isHyphen(int i) {
        return tokens.text(i).equals("-")
                && tokens.touches(i)
                && tokens.touches(i + 1)
                && operands.isWord(i - 1)
                && operands.isWord(i + 1);
    }

    private int add(int hyphen, Set<String> variables) {
        int last = hyphen + 1;
        StringBuilder name =
                new StringBuilder(tokens.text(hyphen - 1)).append('-').append(tokens.text(last));
        while (isHyphen(last + 1)) {
            name.append('-').append(tokens.text(last + 2));
            last += 2;
        }
        boolean field = tokens.text(hyphen - 2).equals(".") && operands.ends(hyphen - 3);
        boolean key =
                tokens.text(hyphen - 2).equals("[") && tokens.text(last + 1).equals("]");
        int first = field ? operands.start(hyphen - 3) : hyphen - 1;
        String right = tokens.text(last);
        boolean difference = NUMBERS.contains(right)
                || (variables.contains(right)
                        && tokens.text(last + 1).equals(".")
                        && NUMBERS.contains(tokens.text(last + 2)));
        if (difference || (!field && !key && !name.toString().startsWith("x-"))) {
            return last;
        }
        int end = last;
        while (tokens.text(end + 1).equals(".")
                && operands.isWord(end + 2)
                && !tokens.text(end + 3).equals("(")) {
            end += 2;
        }
        String rest = rest(last, end);
        String path = field ? operands.before(hyphen - 2, "jwt") : "request.headers";
        String written = (field ? path + "." : "") + name;
        if (key) {
            found.add(new Subtraction(
                    tokens.get(first).start(),
                    tokens.get(last).end(),
                    "`" + name + "` is read as a subtraction; a name stands in quotes: `[\"" + name + "\"]`"));
            return last;
        }
        boolean asked =
                tokens.text(first - 1).equals("(") && tokens.text(first - 2).equals("has") && rest.isEmpty();
        found.add(new Subtraction(
                tokens.get(first).start(),
                // The problem of a call stands at its bracket, that of a function of what follows behind its dot.
                tokens.get(end).end(),
                "`" + written + rest + "` is read as a subtraction; write `" + path
                        + (asked ? "[?\"" + name + "\"].hasValue()" : "[\"" + name + "\"]" + rest) + "`"
                        + (asked ? " in place of `has`" : "")));
        return end;
    }

    private String rest(int last, int end) {
        StringBuilder rest = new StringBuilder();
        for (int i = last + 1; i <= end; i++) {
            rest.append(tokens.text(i));
        }
        return rest.toString();
    }
}

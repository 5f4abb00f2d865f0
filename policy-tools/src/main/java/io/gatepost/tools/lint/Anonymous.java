package io.gatepost.tools.lint;

import io.gatepost.policy.cel.ExpressionPart;
import io.gatepost.policy.cel.ExpressionPart.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What an expression can come to where there is no token. */
final class Anonymous {
    /** An outcome of an expression. */
    enum Outcome {
        TRUE,
        FALSE,
        ERROR
    }

    private Anonymous() {}

    static Set<Outcome> outcomes(Syntax syntax) {
        return of(syntax.root());
    }

    private static Set<Outcome> of(ExpressionPart part) {
        Object constant = Constants.of(part);
        if (constant instanceof Boolean truth) {
            return EnumSet.of(truth ? Outcome.TRUE : Outcome.FALSE);
        }
        if (part.kind() != Kind.CALL) {
            return test(part);
        }
        List<ExpressionPart> args = part.children();
        if (part.macro() != null) {
            return isHasOfToken(part) ? EnumSet.of(Outcome.FALSE) : test(part);
        }
        return switch (part.name()) {
            case "!_" -> not(of(args.get(0)));
            case "_&&_" -> both(of(args.get(0)), of(args.get(1)), Outcome.FALSE, Outcome.TRUE);
            case "_||_" -> both(of(args.get(0)), of(args.get(1)), Outcome.TRUE, Outcome.FALSE);
            case "_?_:_" -> chosen(of(args.get(0)), of(args.get(1)), of(args.get(2)));
            case "_==_" -> isNullTest(args) ? EnumSet.of(Outcome.TRUE) : test(part);
            case "_!=_" -> isNullTest(args) ? EnumSet.of(Outcome.FALSE) : test(part);
            default -> test(part);
        };
    }

    private static boolean isHasOfToken(ExpressionPart part) {
        return "has".equals(part.macro()) && Syntax.parts(part).anyMatch(Anonymous::isToken);
    }

    private static boolean isToken(ExpressionPart part) {
        return part.kind() == Kind.NAME && part.name().equals("jwt");
    }

    private static boolean isNullTest(List<ExpressionPart> args) {
        return args.stream().anyMatch(Anonymous::isToken)
                && args.stream().anyMatch(arg -> Constants.of(arg) == Constants.NOTHING);
    }

    private static Set<Outcome> not(Set<Outcome> outcomes) {
        Set<Outcome> opposite = EnumSet.noneOf(Outcome.class);
        outcomes.forEach(outcome -> opposite.add(
                outcome == Outcome.TRUE ? Outcome.FALSE : outcome == Outcome.FALSE ? Outcome.TRUE : Outcome.ERROR));
        return opposite;
    }

    /** One side may force the outcome; it takes both for the other one; else it is an error. */
    private static Set<Outcome> both(Set<Outcome> one, Set<Outcome> other, Outcome forced, Outcome agreed) {
        Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
        for (Outcome left : one) {
            for (Outcome right : other) {
                boolean force = left == forced || right == forced;
                outcomes.add(force ? forced : left == agreed && right == agreed ? agreed : Outcome.ERROR);
            }
        }
        return outcomes;
    }

    private static Set<Outcome> chosen(Set<Outcome> condition, Set<Outcome> yes, Set<Outcome> no) {
        Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
        if (condition.contains(Outcome.TRUE)) {
            outcomes.addAll(yes);
        }
        if (condition.contains(Outcome.FALSE)) {
            outcomes.addAll(no);
        }
        if (condition.contains(Outcome.ERROR)) {
            outcomes.add(Outcome.ERROR);
        }
        return outcomes;
    }

    private static Set<Outcome> test(ExpressionPart part) {
        return isError(part) ? EnumSet.of(Outcome.ERROR) : EnumSet.of(Outcome.TRUE, Outcome.FALSE);
    }

    /** Whether a part surely is an error: it takes a claim of the token, and nothing stands in for it. */
    private static boolean isError(ExpressionPart part) {
        return switch (part.kind()) {
            case FIELD -> part.children().stream().anyMatch(operand -> isToken(operand) || isError(operand));
            case CALL -> isErrorCall(part);
            case LIST -> part.children().stream().anyMatch(Anonymous::isError);
            case LOOP -> isError(part.range());
            default -> false;
        };
    }

    private static boolean isErrorCall(ExpressionPart call) {
        if (Syntax.calls(call, "default", "@or", "_?._", "_[?_]", "_&&_", "_||_", "_?_:_", "orValue", "or")
                || "has".equals(call.macro())) {
            return false;
        }
        List<ExpressionPart> operands = Syntax.operands(call);
        boolean ofToken = Syntax.calls(call, "_[_]", "scopes", "@in", "contains")
                && operands.stream().anyMatch(Anonymous::isToken);
        return ofToken || operands.stream().anyMatch(Anonymous::isError);
    }
}

package io.gatepost.tools.lint;

import io.gatepost.policy.cel.ExpressionPart;
import io.gatepost.policy.cel.ExpressionPart.Kind;
import io.gatepost.tools.lint.Literal.Test;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The ways in which an expression can be true, or false: each a list of tests that must all come out as said. As in
 * CEL, an operator with an error on one side has the outcome that the other side forces.
 *
 * @param ways the ways; none where it can't be
 */
record NormalForm(List<List<Literal>> ways) {
    private static final int MOST_WAYS = 512;
    private static final Set<String> NOT_REPEATABLE = Set.of("random", "uuid");
    private static final NormalForm ALWAYS = new NormalForm(List.of(List.of()));
    private static final NormalForm NEVER = new NormalForm(List.of());

    NormalForm {
        ways = List.copyOf(ways);
    }

    /** An expression of more ways than can be looked at. */
    static final class TooManyWays extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooManyWays() {
            super("more than " + MOST_WAYS + " ways", null, false, false);
        }
    }

    /** The ways in which a part comes to {@code outcome}. */
    static NormalForm of(Syntax syntax, ExpressionPart part, boolean outcome) {
        if (part.kind() == Kind.CALL && part.macro() == null) {
            List<ExpressionPart> args = part.children();
            return switch (part.name()) {
                case "!_" -> of(syntax, args.get(0), !outcome);
                case "_&&_" -> joined(syntax, args.get(0), args.get(1), outcome, outcome);
                case "_||_" -> joined(syntax, args.get(0), args.get(1), outcome, !outcome);
                case "_?_:_" ->
                    of(syntax, args.get(0), true)
                            .and(of(syntax, args.get(1), outcome))
                            .or(of(syntax, args.get(0), false).and(of(syntax, args.get(2), outcome)));
                default -> test(syntax, part, outcome);
            };
        }
        return test(syntax, part, outcome);
    }

    private static NormalForm joined(
            Syntax syntax, ExpressionPart one, ExpressionPart other, boolean outcome, boolean both) {
        NormalForm first = of(syntax, one, outcome);
        NormalForm second = of(syntax, other, outcome);
        return both ? first.and(second) : first.or(second);
    }

    /** The ways in which this and another one hold at once. */
    NormalForm and(NormalForm other) {
        if ((long) ways.size() * other.ways.size() > MOST_WAYS) {
            throw new TooManyWays();
        }
        return new NormalForm(ways.stream()
                .flatMap(one -> other.ways.stream()
                        .map(more -> Stream.concat(one.stream(), more.stream()).toList()))
                .toList());
    }

    private NormalForm or(NormalForm other) {
        if (ways.size() + other.ways.size() > MOST_WAYS) {
            throw new TooManyWays();
        }
        return new NormalForm(Stream.concat(ways.stream(), other.ways.stream()).toList());
    }

    /** Whether none of the ways is possible. */
    boolean isImpossible() {
        return ways.stream().allMatch(way -> Contradiction.in(way) != null);
    }

    /** Why not, of the first way; null where a way is possible. */
    @Nullable
    String reason() {
        String reason = ways.isEmpty() ? "" : null;
        for (List<Literal> way : ways) {
            String found = Contradiction.in(way);
            if (found == null) {
                return null;
            }
            reason = reason == null ? found : reason;
        }
        return reason;
    }

    private static NormalForm test(Syntax syntax, ExpressionPart part, boolean outcome) {
        Object constant = Constants.of(part);
        if (constant instanceof Boolean truth) {
            return truth == outcome ? ALWAYS : NEVER;
        }
        List<ExpressionPart> operands =
                part.kind() == Kind.CALL && part.macro() == null ? Syntax.operands(part) : List.of();
        if (operands.size() == 2) {
            NormalForm form = comparison(syntax, part, operands.get(0), operands.get(1), outcome);
            if (form != null) {
                return form;
            }
        }
        if (isOverNothing(part)) {
            return "all".equals(part.macro()) == outcome ? ALWAYS : NEVER;
        }
        return of(opaque(syntax, part), outcome);
    }

    /** A loop over an empty list. */
    private static boolean isOverNothing(ExpressionPart part) {
        String macro = part.macro();
        return part.kind() == Kind.LOOP
                && ("exists".equals(macro) || "all".equals(macro))
                && List.of().equals(Constants.of(part.range()));
    }

    private static NormalForm of(Literal literal, boolean outcome) {
        return new NormalForm(List.of(List.of(outcome ? literal : literal.opposite())));
    }

    private static Literal opaque(Syntax syntax, ExpressionPart part) {
        String text = syntax.text(part);
        boolean repeatable = Syntax.parts(part)
                .noneMatch(inner -> inner.kind() == Kind.CALL && NOT_REPEATABLE.contains(inner.name()));
        return new Literal(repeatable ? text : text + "#" + part.number(), Domain.of(part), Test.HOLDS, true, true);
    }

    private static @Nullable NormalForm comparison(
            Syntax syntax, ExpressionPart part, ExpressionPart left, ExpressionPart right, boolean outcome) {
        String function = part.name();
        Object first = Constants.of(left);
        Object second = Constants.of(right);
        if (first != null && second != null) {
            return decided(function, first, second, outcome);
        }
        if (first == null && second == null) {
            return ofSame(syntax, function, left, right, outcome);
        }
        Object constant = first == null ? second : first;
        ExpressionPart term = first == null ? left : right;
        return constant == null ? null : tested(syntax, function, term, constant, first == null, outcome);
    }

    private static @Nullable NormalForm tested(
            Syntax syntax, String function, ExpressionPart term, Object constant, boolean termFirst, boolean outcome) {
        return switch (function) {
            case "_==_" -> of(literal(syntax, term, Test.ONE_OF, List.of(constant)), outcome);
            case "_!=_" -> of(literal(syntax, term, Test.ONE_OF, List.of(constant)), !outcome);
            case "@in" ->
                termFirst && constant instanceof List<?> list
                        ? of(literal(syntax, term, Test.ONE_OF, list), outcome)
                        : null;
            case "_<_", "_<=_", "_>_", "_>=_" -> ordered(syntax, function, term, constant, termFirst, outcome);
            case "startsWith" -> partOf(syntax, term, Test.STARTS_WITH, constant, termFirst, outcome);
            case "endsWith" -> partOf(syntax, term, Test.ENDS_WITH, constant, termFirst, outcome);
            case "contains" -> partOf(syntax, term, Test.CONTAINS, constant, termFirst, outcome);
            default -> null;
        };
    }

    private static @Nullable NormalForm ordered(
            Syntax syntax, String function, ExpressionPart term, Object constant, boolean termFirst, boolean outcome) {
        boolean below = function.startsWith("_<") == termFirst;
        boolean strict = !function.contains("=");
        Test test = strict == below ? Test.LESS : Test.LESS_OR_EQUAL;
        boolean comparable = constant instanceof String || constant instanceof BigDecimal;
        return comparable ? of(literal(syntax, term, test, constant), below == outcome) : null;
    }

    private static @Nullable NormalForm partOf(
            Syntax syntax, ExpressionPart term, Test test, Object constant, boolean termFirst, boolean outcome) {
        return termFirst && constant instanceof String ? of(literal(syntax, term, test, constant), outcome) : null;
    }

    private static Literal literal(Syntax syntax, ExpressionPart term, Test test, Object operand) {
        boolean repeatable = Syntax.parts(term)
                .noneMatch(inner -> inner.kind() == Kind.CALL && NOT_REPEATABLE.contains(inner.name()));
        String text = syntax.text(term);
        return new Literal(repeatable ? text : text + "#" + term.number(), Domain.of(term), test, operand, true);
    }

    private static @Nullable NormalForm decided(String function, Object first, Object second, boolean outcome) {
        Literal literal = switch (function) {
            case "_==_", "_!=_" -> constant(Test.ONE_OF, List.of(second), function.equals("_==_"));
            case "@in" -> second instanceof List<?> ? constant(Test.ONE_OF, second, true) : null;
            case "_<_" -> constant(Test.LESS, second, true);
            case "_<=_" -> constant(Test.LESS_OR_EQUAL, second, true);
            case "_>_" -> constant(Test.LESS_OR_EQUAL, second, false);
            case "_>=_" -> constant(Test.LESS, second, false);
            case "startsWith" -> constant(Test.STARTS_WITH, second, true);
            case "endsWith" -> constant(Test.ENDS_WITH, second, true);
            case "contains" -> first instanceof String ? constant(Test.CONTAINS, second, true) : null;
            default -> null;
        };
        return literal == null ? null : (outcome ? literal : literal.opposite()).admits(first) ? ALWAYS : NEVER;
    }

    private static Literal constant(Test test, Object operand, boolean holds) {
        return new Literal("", Domain.any(), test, operand, holds);
    }

    /** A value compared with another one, which may be itself. */
    private static @Nullable NormalForm ofSame(
            Syntax syntax, String function, ExpressionPart left, ExpressionPart right, boolean outcome) {
        if (!function.equals("_==_") && !function.equals("_!=_")) {
            return null;
        }
        String one = syntax.text(left);
        String other = syntax.text(right);
        boolean equal = function.equals("_==_") == outcome;
        Literal test = opaque(syntax, left);
        if (one.equals(other) && test.term().equals(one)) {
            return equal ? ALWAYS : NEVER;
        }
        Literal second = opaque(syntax, right);
        String term = Stream.of(test.term(), second.term()).sorted().reduce("", (a, b) -> a + " == " + b);
        return of(new Literal(term, Domain.truth(), Test.HOLDS, true, true), equal);
    }
}

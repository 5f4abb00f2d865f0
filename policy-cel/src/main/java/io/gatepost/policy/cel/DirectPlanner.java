package io.gatepost.policy.cel;

import com.google.re2j.Pattern;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.values.NullValue;
import io.gatepost.policy.expression.EvaluationContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the {@link Direct} form of an expression, where it has one. */
final class DirectPlanner {
    private static final Map<String, Set<Integer>> ORDERS =
            Map.of("_<_", Set.of(-1), "_<=_", Set.of(-1, 0), "_>_", Set.of(1), "_>=_", Set.of(0, 1));

    private final String text;
    private final Set<String> variables;
    private final Weights weights;
    private final Map<String, Pattern> patterns;
    /** What the loop around calls its element; null outside of one. */
    private @Nullable String variable;

    private DirectPlanner(String text, Set<String> variables, Weights weights, Map<String, Pattern> patterns) {
        this.text = text;
        this.variables = variables;
        this.weights = weights;
        this.patterns = patterns;
    }

    /**
     * The form of a whole expression; null where it takes the evaluator.
     *
     * @param variables the names that stand for what they do by themselves
     * @param plan what was found out about it
     */
    static @Nullable Direct of(String text, CelAbstractSyntaxTree tree, Set<String> variables, Evaluation.Plan plan) {
        return new DirectPlanner(text, variables, plan.weights(), plan.patterns()).condition(tree.getExpr());
    }

    private @Nullable Direct condition(CelExpr node) {
        if (node.getKind() == Kind.COMPREHENSION) {
            return exists(node.comprehension());
        }
        if (node.getKind() != Kind.CALL) {
            return operand(node);
        }
        List<CelExpr> args = args(node);
        String function = node.call().function();
        return switch (function) {
            case "_&&_", "_||_" -> chain(condition(args.get(0)), condition(args.get(1)), function.equals("_||_"));
            case "!_" -> {
                Direct of = condition(args.get(0));
                yield of == null ? null : new Direct.Not(of);
            }
            case "_==_", "_!=_" -> equal(typed(args.get(0)), typed(args.get(1)), function.equals("_==_"));
            case "_<_", "_<=_", "_>_", "_>=_" -> order(operand(args.get(0)), args.get(1), function);
            case "@in" -> in(args.get(0), args.get(1));
            case "startsWith", "endsWith", "contains", "matches" -> ofText(args, function);
            default -> operand(node);
        };
    }

    /** Where the loop is what {@code exists} is written out as. */
    private @Nullable Direct exists(CelComprehension loop) {
        boolean known = Boolean.FALSE.equals(literal(loop.accuInit()))
                && loop.iterVar2().isEmpty()
                && variable == null
                && !variables.contains(loop.iterVar())
                && isCall(loop.loopCondition(), "@not_strictly_false")
                && isCall(loop.loopCondition().call().args().get(0), "!_")
                && isAccumulator(
                        loop,
                        loop.loopCondition().call().args().get(0).call().args().get(0))
                && isCall(loop.loopStep(), "_||_")
                && isAccumulator(loop, loop.loopStep().call().args().get(0))
                && isAccumulator(loop, loop.result());
        if (!known || !(operand(loop.iterRange()) instanceof Direct.Read list)) {
            return null;
        }
        variable = loop.iterVar();
        Direct condition = condition(loop.loopStep().call().args().get(1));
        variable = null;
        return condition == null ? null : new Direct.Exists(list, condition);
    }

    private static boolean isCall(CelExpr node, String function) {
        return node.getKind() == Kind.CALL && node.call().function().equals(function);
    }

    private static boolean isAccumulator(CelComprehension loop, CelExpr node) {
        return node.getKind() == Kind.IDENT && node.ident().name().equals(loop.accuVar());
    }

    private static List<CelExpr> args(CelExpr call) {
        List<CelExpr> args = new ArrayList<>();
        call.call().target().ifPresent(args::add);
        args.addAll(call.call().args());
        return args;
    }

    /** What is behind the first operand that takes the evaluator is not looked at: it is not known what that costs. */
    private static @Nullable Direct chain(@Nullable Direct left, @Nullable Direct right, boolean decides) {
        return left == null ? null : new Direct.Chain(left, right == null ? new Direct.Unknown() : right, decides);
    }

    private static @Nullable Direct equal(@Nullable Direct left, @Nullable Direct right, boolean wanted) {
        return left == null || right == null ? null : new DirectComparisons.Equal(left, right, wanted);
    }

    private @Nullable Direct order(@Nullable Direct left, CelExpr right, String function) {
        return left == null || !(literal(right) instanceof Long bound)
                ? null
                : new DirectComparisons.Order(left, bound, ORDERS.getOrDefault(function, Set.of()));
    }

    private @Nullable Direct in(CelExpr one, CelExpr list) {
        Direct sought = operand(one);
        if (sought == null) {
            return null;
        }
        if (list.getKind() != Kind.LIST) {
            return operand(list) instanceof Direct.Read read ? new DirectComparisons.Element(sought, read) : null;
        }
        List<CelExpr> elements = list.list().elements();
        List<Object> literals = new ArrayList<>();
        long steps = 0;
        for (CelExpr element : elements) {
            Object literal = literal(element);
            if (literal == null) {
                return null;
            }
            steps += steps(element, literal);
            literals.add(literal);
        }
        Set<? extends Class<?>> kinds = literals.stream().map(Object::getClass).collect(Collectors.toSet());
        return kinds.size() != 1 || !list.list().optionalIndices().isEmpty()
                ? null
                : new DirectComparisons.Among(
                        sought, Set.copyOf(literals), kinds.iterator().next(), steps + steps(list, literals));
    }

    private @Nullable Direct ofText(List<CelExpr> args, String function) {
        Direct tested = args.size() == 2 ? operand(args.get(0)) : null;
        if (tested == null || !(literal(args.get(1)) instanceof String with)) {
            return null;
        }
        DirectComparisons.Test test = switch (function) {
            case "startsWith" -> (value, readings) -> value.startsWith(with);
            case "endsWith" -> (value, readings) -> value.endsWith(with);
            case "contains" -> DirectComparisons.Test.contains(with);
            default -> patterns.containsKey(with) ? DirectComparisons.Test.matches(patterns.get(with)) : null;
        };
        return test == null ? null : new DirectComparisons.OfText(tested, test, steps(args.get(1), with));
    }

    /** Also {@code dyn(a)}, which {@code has} is written out with. */
    private @Nullable Direct typed(CelExpr node) {
        if (node.getKind() == Kind.CALL && node.call().function().equals("dyn")) {
            Direct of = operand(args(node).get(0));
            return of == null ? null : new Direct.Untyped(of, node, weights);
        }
        return operand(node);
    }

    private @Nullable Direct operand(CelExpr node) {
        Object literal = literal(node);
        if (literal != null) {
            return new Direct.Literal(literal, steps(node, literal));
        }
        if (node.getKind() == Kind.IDENT && node.ident().name().equals(variable)) {
            return new Direct.Variable(node, weights);
        }
        if (node.getKind() == Kind.SELECT && node.select().testOnly()) {
            Path path = path(names(node), Path.Form.PRESENCE, node);
            // The evaluator tells of it twice.
            return path == null ? null : new Direct.Read(path, 0, 2);
        }
        if (node.getKind() == Kind.CALL && node.call().function().equals("_[_]")) {
            return index(args(node).get(0), args(node).get(1), node);
        }
        Path path = path(names(node), Path.Form.FIELDS, node);
        return path == null ? null : new Direct.Read(path, 0, 1);
    }

    private @Nullable Direct index(CelExpr of, CelExpr key, CelExpr node) {
        List<String> names = names(of);
        boolean known = names.equals(List.of("jwt")) || names.equals(List.of("request", "headers"));
        if (!known || !(literal(key) instanceof String name) || name.indexOf('\'') >= 0) {
            return null;
        }
        names.add(name);
        Path path = path(names, Path.Form.INDEX, node);
        return path == null ? null : new Direct.Read(path, 1 + steps(key, name), 1);
    }

    private @Nullable Path path(List<String> names, Path.Form form, CelExpr node) {
        return names.isEmpty() || !variables.contains(names.get(0)) ? null : Path.of(names, form, node, weights, text);
    }

    /** Of {@code a.b.c} the names; none where it is something else. */
    private static List<String> names(CelExpr node) {
        List<String> names = new ArrayList<>();
        CelExpr at = node;
        while (at.getKind() == Kind.SELECT && (at == node || !at.select().testOnly())) {
            names.add(0, at.select().field());
            at = at.select().operand();
        }
        if (at.getKind() != Kind.IDENT) {
            return List.of();
        }
        names.add(0, at.ident().name());
        return names;
    }

    private static @Nullable Object literal(CelExpr node) {
        if (node.getKind() != Kind.CONSTANT) {
            return null;
        }
        CelConstant constant = node.constant();
        return switch (constant.getKind()) {
            case STRING_VALUE -> constant.stringValue();
            case INT64_VALUE -> constant.int64Value();
            case BOOLEAN_VALUE -> constant.booleanValue();
            case NULL_VALUE -> NullValue.NULL_VALUE;
            default -> null;
        };
    }

    private long steps(CelExpr node, Object value) {
        return 1 + weights.of(node, value, EvaluationContext.STEPS);
    }
}

package io.gatepost.policy.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.values.ErrorValue;
import dev.cel.parser.CelUnparserVisitor;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelEvaluationListener;
import io.gatepost.policy.expression.CompiledExpression.SubExpression;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one expression and what they come to. Everything is found out when it is asked for; until then only the
 * tree is kept.
 */
final class SubExpressions {
    /** Operators that go one step down a path where what stands behind them is written out. */
    private static final Set<String> STEPS = Set.of("_[_]", "_[?_]", "_?._");

    private static final String NOW = "request.startTime";

    private final CelAbstractSyntaxTree tree;

    SubExpressions(CelAbstractSyntaxTree tree) {
        this.tree = tree;
    }

    /** One evaluation that tells the listener what each part comes to. */
    @FunctionalInterface
    interface Traced {
        @Nullable
        Object tell(CelEvaluationListener listener) throws CelEvaluationException;
    }

    List<SubExpression> of(Traced evaluation) {
        Map<Long, CelNavigableExpr> nodes = nodes();
        Map<Long, @Nullable Object> values = new LinkedHashMap<>();
        try {
            evaluation.tell((expr, value) -> {
                if (nodes.containsKey(expr.id()) && !(value instanceof ErrorValue)) {
                    values.put(expr.id(), Values.toJava(value));
                }
            });
        } catch (CelEvaluationException | RuntimeException | Evaluation.OutOfBudget | StackOverflowError e) {
            // What came before the error is what explains it; the error itself is told with the rule.
        }
        Set<Long> decisive = new HashSet<>();
        addDecisive(tree.getExpr(), values, decisive);
        Map<String, SubExpression> parts = new LinkedHashMap<>();
        values.forEach((id, value) -> add(Objects.requireNonNull(nodes.get(id)), value, decisive.contains(id), parts));
        return List.copyOf(parts.values());
    }

    /** Of a conjunction that fails those that fail, of a disjunction that holds those that hold, else all of it. */
    private static void addDecisive(CelExpr expr, Map<Long, @Nullable Object> values, Set<Long> decisive) {
        String function = expr.getKind() == Kind.CALL ? expr.call().function() : "";
        Object value = values.get(expr.id());
        switch (function) {
            case "_&&_", "_||_" -> {
                boolean whole = value instanceof Boolean && value.equals(function.equals("_&&_"));
                expr.call().args().stream()
                        .filter(arg -> value == null || whole || value.equals(values.get(arg.id())))
                        .forEach(arg -> addDecisive(arg, values, decisive));
            }
            case "!_" -> addDecisive(expr.call().args().get(0), values, decisive);
            case "_?_:_" -> {
                List<CelExpr> args = expr.call().args();
                addDecisive(args.get(0), values, decisive);
                addDecisive(args.get(Boolean.TRUE.equals(values.get(args.get(0).id())) ? 1 : 2), values, decisive);
            }
            default -> addWithReads(expr, decisive);
        }
    }

    /** A comparison decides by what it compares. */
    private static void addWithReads(CelExpr expr, Set<Long> decisive) {
        decisive.add(expr.id());
        children(expr).forEach(child -> addWithReads(child, decisive));
    }

    /** Those outside loops: within one a part has many values, and names of its own. */
    private Map<Long, CelNavigableExpr> nodes() {
        return CelNavigableAst.fromAst(tree)
                .getRoot()
                .allNodes()
                .filter(node -> node.getKind() != Kind.CONSTANT && !isStep(node) && !isHidden(node))
                .collect(Collectors.toMap(CelNavigableExpr::id, node -> node, (one, other) -> one, HashMap::new));
    }

    /** Such as {@code jwt.org} in {@code jwt.org.name}: the whole path is told. */
    private static boolean isStep(CelNavigableExpr node) {
        return path(node.expr()) != null
                && node.parent().filter(parent -> path(parent.expr()) != null).isPresent();
    }

    /** Within a loop, or within what a macro such as {@code has} stands for and nobody wrote. */
    private boolean isHidden(CelNavigableExpr node) {
        CelNavigableExpr parent = node.parent().orElse(null);
        if (parent == null) {
            return false;
        }
        boolean hidden = parent.getKind() == Kind.COMPREHENSION
                ? parent.expr().comprehension().iterRange().id() != node.id()
                        && parent.expr().comprehension().accuInit().id() != node.id()
                : tree.getSource().getMacroCalls().containsKey(parent.id());
        return hidden || isHidden(parent);
    }

    private void add(
            CelNavigableExpr node, @Nullable Object value, boolean decisive, Map<String, SubExpression> parts) {
        Set<String> reads = new TreeSet<>();
        boolean repeatable = addReads(node.expr(), reads) && !reads.contains(NOW);
        boolean whole = node.parent().isEmpty();
        boolean outcome = value instanceof Boolean;
        if (!reads.isEmpty() && (outcome ? !whole : repeatable)) {
            CelSourceLocation start = start(node);
            String text = new CelUnparserVisitor(tree).unparse(node.expr());
            parts.merge(
                    text,
                    new SubExpression(text, start.getLine(), start.getColumn() + 1, reads, value, decisive),
                    (first, again) -> first.decisive() ? first : again.decisive() ? again : first);
        }
    }

    /** Whether it is the same each time, as far as the request is. */
    private static boolean addReads(CelExpr expr, Set<String> reads) {
        String path = path(expr);
        if (path != null) {
            reads.add(path);
            return true;
        }
        boolean repeatable = expr.getKind() != Kind.CALL
                || !RandomFunctions.NAMES.contains(expr.call().function());
        for (CelExpr child : children(expr)) {
            repeatable &= addReads(child, reads);
        }
        return repeatable;
    }

    private static List<CelExpr> children(CelExpr expr) {
        return CelNavigableExpr.fromExpr(expr)
                .children()
                .map(CelNavigableExpr::expr)
                .toList();
    }

    /** Such as {@code jwt.sub}; null where a step is not written out but computed. */
    static @Nullable String path(CelExpr expr) {
        return switch (expr.getKind()) {
            case IDENT -> expr.ident().name();
            case SELECT -> step(expr.select().operand(), expr.select().field());
            case CALL -> {
                List<CelExpr> args = expr.call().args();
                boolean steps = STEPS.contains(expr.call().function())
                        && args.size() == 2
                        && args.get(1).getKind() == Kind.CONSTANT;
                yield steps ? step(args.get(0), args.get(1).constant()) : null;
            }
            default -> null;
        };
    }

    /** An element of a list is as secret as the list. */
    private static @Nullable String step(CelExpr operand, CelConstant key) {
        return key.getKind() == CelConstant.Kind.STRING_VALUE ? step(operand, key.stringValue()) : path(operand);
    }

    private static @Nullable String step(CelExpr operand, String name) {
        String path = path(operand);
        return path == null ? null : path + "." + name;
    }

    private CelSourceLocation start(CelNavigableExpr node) {
        int offset = node.allNodes()
                .map(part -> tree.getSource().getPositionsMap().get(part.id()))
                .filter(position -> position != null)
                .mapToInt(Integer::intValue)
                .min()
                .orElse(0);
        return tree.getSource().getOffsetLocation(offset).orElse(CelSourceLocation.of(1, 0));
    }
}

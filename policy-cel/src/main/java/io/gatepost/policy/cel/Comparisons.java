package io.gatepost.policy.cel;

import static dev.cel.common.Operator.CONDITIONAL;
import static dev.cel.common.Operator.EQUALS;
import static dev.cel.common.Operator.GREATER;
import static dev.cel.common.Operator.GREATER_EQUALS;
import static dev.cel.common.Operator.IN;
import static dev.cel.common.Operator.LESS;
import static dev.cel.common.Operator.LESS_EQUALS;
import static dev.cel.common.Operator.LOGICAL_AND;
import static dev.cel.common.Operator.LOGICAL_NOT;
import static dev.cel.common.Operator.LOGICAL_OR;
import static dev.cel.common.Operator.NOT_EQUALS;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.Operator;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableExpr;
import io.gatepost.policy.cel.Comparison.Relation;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds what an expression compares. Rather too much than too little: who uses it tries each. Not thread-safe. */
final class Comparisons {
    private static final Set<String> LOGIC =
            functions(LOGICAL_AND, LOGICAL_OR, LOGICAL_NOT, CONDITIONAL, Operator.NOT_STRICTLY_FALSE);

    private static final Map<String, Relation> RELATIONS = Map.ofEntries(
            Map.entry(EQUALS.getFunction(), Relation.EQUAL),
            Map.entry(NOT_EQUALS.getFunction(), Relation.EQUAL),
            Map.entry(IN.getFunction(), Relation.EQUAL),
            Map.entry(LESS.getFunction(), Relation.ORDER),
            Map.entry(LESS_EQUALS.getFunction(), Relation.ORDER),
            Map.entry(GREATER.getFunction(), Relation.ORDER),
            Map.entry(GREATER_EQUALS.getFunction(), Relation.ORDER),
            Map.entry("startsWith", Relation.STARTS_WITH),
            Map.entry("endsWith", Relation.ENDS_WITH),
            Map.entry("contains", Relation.CONTAINS),
            Map.entry("matches", Relation.MATCHES));

    private final Set<Comparison> found = new LinkedHashSet<>();
    private final Map<String, String> elements = new HashMap<>();
    private final Map<String, List<Object>> written = new HashMap<>();

    private Comparisons() {}

    static List<Comparison> of(CelAbstractSyntaxTree tree) {
        Comparisons comparisons = new Comparisons();
        comparisons.visit(tree.getExpr());
        comparisons.addTruth(tree.getExpr());
        return List.copyOf(comparisons.found);
    }

    private static Set<String> functions(Operator... operators) {
        return Stream.of(operators).map(Operator::getFunction).collect(Collectors.toUnmodifiableSet());
    }

    private void visit(CelExpr expr) {
        String path = path(expr);
        if (path != null) {
            add(path, Relation.PRESENT, null);
        }
        if (expr.getKind() == Kind.COMPREHENSION) {
            visitLoop(expr.comprehension());
        } else if (expr.getKind() == Kind.CALL) {
            visitCall(expr);
        }
        children(expr).forEach(this::visit);
    }

    /** What a loop goes through: something of the request, or what is written there; a bound name is a list of one. */
    private void visitLoop(CelExpr.CelComprehension loop) {
        CelExpr range = loop.iterRange();
        boolean one = range.getKind() == Kind.LIST && range.list().elements().size() == 1;
        String bound = one ? path(range.list().elements().get(0)) : null;
        String list = path(range);
        String path = list == null ? bound : list + "[]";
        for (String variable : List.of(loop.iterVar(), loop.iterVar2())) {
            if (path != null) {
                elements.put(variable, path);
            } else {
                elements.remove(variable);
                written.put(variable, literals(range));
            }
        }
    }

    private void visitCall(CelExpr call) {
        String function = call.call().function();
        if (LOGIC.contains(function)) {
            call.call().args().forEach(this::addTruth);
            return;
        }
        Relation relation = RELATIONS.getOrDefault(function, Relation.OTHER);
        List<CelExpr> operands = operands(call);
        if (function.equals(IN.getFunction())) {
            visitIn(operands.get(0), operands.get(1));
        } else if (path(call) == null) {
            pair(operands, relation);
        }
    }

    private void addTruth(CelExpr expr) {
        String path = path(expr);
        if (path != null) {
            add(path, Relation.TRUE, null);
        }
    }

    private void visitIn(CelExpr element, CelExpr list) {
        paths(element).forEach(path -> {
            literals(list).forEach(literal -> add(path, Relation.EQUAL, literal));
            paths(list).forEach(other -> add(path, Relation.SAME, other));
        });
        paths(list).forEach(path -> {
            literals(element).forEach(literal -> add(path, Relation.ELEMENT, literal));
            paths(element).forEach(other -> add(path, Relation.SAME_ELEMENT, other));
        });
    }

    /** Each path of one operand with each literal, and each path, of the others. */
    private void pair(List<CelExpr> operands, Relation relation) {
        for (CelExpr one : operands) {
            Relation fitting = isSize(one) ? Relation.SIZE : relation;
            for (CelExpr other : operands) {
                if (one != other) {
                    paths(one).forEach(path -> {
                        literals(other).forEach(literal -> add(path, fitting, literal));
                        if (relation == Relation.EQUAL) {
                            paths(other).forEach(second -> add(path, Relation.SAME, second));
                        }
                    });
                }
            }
        }
    }

    private static boolean isSize(CelExpr expr) {
        return expr.getKind() == Kind.CALL && expr.call().function().equals("size");
    }

    private void add(String path, Relation relation, @Nullable Object literal) {
        found.add(new Comparison(path, relation, literal));
    }

    private List<String> paths(CelExpr expr) {
        String path = path(expr);
        return path != null
                ? List.of(path)
                : children(expr).flatMap(child -> paths(child).stream()).toList();
    }

    private List<Object> literals(CelExpr expr) {
        if (expr.getKind() == Kind.CONSTANT) {
            Object literal = literal(expr.constant());
            return literal == null ? List.of() : List.of(literal);
        }
        String path = SubExpressions.path(expr);
        if (path != null) {
            return elements.containsKey(root(path)) ? List.of() : written.getOrDefault(root(path), List.of());
        }
        return member(expr) != null
                ? List.of()
                : children(expr).flatMap(child -> literals(child).stream()).toList();
    }

    private static @Nullable Object literal(CelConstant constant) {
        return switch (constant.getKind()) {
            case STRING_VALUE -> constant.stringValue();
            case INT64_VALUE -> constant.int64Value();
            case UINT64_VALUE -> constant.uint64Value().longValue();
            case DOUBLE_VALUE -> constant.doubleValue();
            case BOOLEAN_VALUE -> constant.booleanValue();
            default -> null;
        };
    }

    /** With the elements of lists in place of a loop's variables; null for what a loop keeps for itself. */
    private @Nullable String path(CelExpr expr) {
        String member = member(expr);
        String path = member == null ? SubExpressions.path(expr) : member;
        if (path == null) {
            return null;
        }
        String root = root(path);
        if (elements.containsKey(root)) {
            return elements.get(root) + path.substring(root.length());
        }
        return isOwn(root) || written.containsKey(root) ? null : path;
    }

    private static String root(String path) {
        int dot = path.indexOf('.');
        return dot < 0 ? path : path.substring(0, dot);
    }

    /** Whether a loop keeps it for itself. */
    private static boolean isOwn(String variable) {
        return variable.startsWith("@") || variable.startsWith("__");
    }

    /** What is read of {@code json(request.body)}, by the path that it has in {@code llm}. */
    private static @Nullable String member(CelExpr expr) {
        if (expr.getKind() == Kind.CALL
                && expr.call().function().equals("json")
                && operands(expr).stream().allMatch(one -> "request.body".equals(SubExpressions.path(one)))) {
            return "llm.params";
        }
        String within = expr.getKind() == Kind.SELECT ? member(expr.select().operand()) : null;
        return within == null ? null : within + "." + expr.select().field();
    }

    private static List<CelExpr> operands(CelExpr call) {
        return Stream.concat(call.call().target().stream(), call.call().args().stream())
                .toList();
    }

    private static Stream<CelExpr> children(CelExpr expr) {
        return CelNavigableExpr.fromExpr(expr).children().map(CelNavigableExpr::expr);
    }
}

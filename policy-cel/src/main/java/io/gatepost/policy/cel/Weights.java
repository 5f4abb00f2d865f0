package io.gatepost.policy.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.Operator;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.ErrorValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the values of an expression's nodes weigh, in steps: as much as what is done with them next costs where a
 * function of the evaluator's own does it. Functions of this package charge for themselves.
 */
final class Weights {
    private static final Set<String> INDEXING =
            Set.of(Operator.INDEX.getFunction(), Operator.OPTIONAL_INDEX.getFunction());

    /** Functions of the evaluator that go through a text character by character, or take time of their own. */
    private static final Set<String> EXAMINING = Set.of(
            "bool",
            "bytes",
            "double",
            "getDate",
            "getDayOfMonth",
            "getDayOfWeek",
            "getDayOfYear",
            "getFullYear",
            "getHours",
            "getMilliseconds",
            "getMinutes",
            "getMonth",
            "getSeconds",
            "int",
            "lowerAscii",
            "reverse",
            "strings.quote",
            "timestamp",
            "trim",
            "uint",
            "upperAscii");

    /** What only looks at the outside of a value. */
    private static final Set<String> SHALLOW = Set.of("size", "dyn", "type");

    private static final Set<String> COMPARING =
            Set.of(Operator.EQUALS.getFunction(), Operator.NOT_EQUALS.getFunction());

    /** Operators that go on after an error of one operand. */
    private static final Set<String> FORGIVING =
            Set.of(Operator.LOGICAL_AND.getFunction(), Operator.LOGICAL_OR.getFunction());

    private static final boolean[] NO_MARKS = {};

    /** By the ids of nodes, which are small numbers. */
    private final Use[] uses;

    /** Of a forgiving operator's nodes the operands, of all others null. */
    private final @Nullable Operands[] operands;

    private final boolean forgives;

    private Weights(Use[] uses, @Nullable Operands[] operands) {
        this.uses = uses;
        this.operands = operands;
        forgives = Arrays.stream(operands).anyMatch(Objects::nonNull);
    }

    private record Operands(int left, int right) {}

    /** What the node around does with a value. */
    private enum Use {
        /** Any other thing: compares it, copies it, hands it on. */
        OTHER,
        /** Reads one of its elements or its size: however large it is, that takes one step. */
        LOOKED_INTO,
        /** Goes through its elements, not to their bottom. */
        ITERATED,
        /** Goes through its characters. */
        EXAMINED,
        /** Looks for an element: a claim has to be a list then, since an object's names are no roles. */
        LISTED
    }

    static Weights of(CelAbstractSyntaxTree tree) {
        List<CelNavigableExpr> nodes =
                CelNavigableAst.fromAst(tree).getRoot().allNodes().toList();
        int ids = (int) nodes.stream().mapToLong(CelNavigableExpr::id).max().orElse(0) + 1;
        Use[] uses = new Use[ids];
        @Nullable Operands[] operands = new Operands[ids];
        for (CelNavigableExpr node : nodes) {
            uses[(int) node.id()] = use(node);
            operands[(int) node.id()] = operands(node.expr());
        }
        return new Weights(uses, operands);
    }

    private static @Nullable Operands operands(CelExpr node) {
        if (node.getKind() != CelExpr.ExprKind.Kind.CALL
                || !FORGIVING.contains(node.call().function())) {
            return null;
        }
        List<CelExpr> args = node.call().args();
        return new Operands((int) args.get(0).id(), (int) args.get(1).id());
    }

    /** Room for the marks of {@link #forgiven}; none where no operator forgives. */
    boolean[] marks() {
        return forgives ? new boolean[uses.length] : NO_MARKS;
    }

    /**
     * How many errors the evaluator went on after when it came to a node's value: it tells of each operand but of one
     * that has no value.
     *
     * @param marks which nodes have come to a value since the operator around them has
     */
    int forgiven(CelExpr node, Object value, boolean[] marks) {
        if (marks.length == 0) {
            return 0;
        }
        marks[(int) node.id()] = true;
        Operands of = operands[(int) node.id()];
        if (of == null) {
            return 0;
        }
        int errors = (marks[of.left()] ? 0 : 1) + (value instanceof ErrorValue && !marks[of.right()] ? 1 : 0);
        marks[of.left()] = false;
        marks[of.right()] = false;
        return errors;
    }

    private static Use use(CelNavigableExpr node) {
        return node.parent().map(parent -> use(parent.expr(), node.id())).orElse(Use.OTHER);
    }

    private static Use use(CelExpr around, long part) {
        return switch (around.getKind()) {
            case SELECT -> Use.LOOKED_INTO;
            case COMPREHENSION -> around.comprehension().iterRange().id() == part ? Use.ITERATED : Use.OTHER;
            case CALL -> {
                String function = around.call().function();
                boolean first = around.call().target().isEmpty()
                        && around.call().args().get(0).id() == part;
                if (asksForElement(around, part)) {
                    yield Use.LISTED;
                }
                yield (INDEXING.contains(function) && first) || SHALLOW.contains(function) || isComparedWithNull(around)
                        ? Use.LOOKED_INTO
                        : EXAMINING.contains(function) ? Use.EXAMINED : Use.OTHER;
            }
            default -> Use.OTHER;
        };
    }

    /** Such as {@code "admin" in jwt.roles} and {@code jwt.roles.contains("admin")}. */
    private static boolean asksForElement(CelExpr call, long part) {
        List<CelExpr> args = call.call().args();
        CelExpr asked = switch (call.call().function()) {
            case "@in" -> args.get(1);
            case "contains" -> call.call().target().orElse(args.get(0));
            default -> call;
        };
        return asked.id() == part;
    }

    private static boolean isComparedWithNull(CelExpr call) {
        return COMPARING.contains(call.call().function())
                && call.call().args().stream()
                        .anyMatch(arg -> arg.getKind() == CelExpr.ExprKind.Kind.CONSTANT
                                && arg.constant().getKind() == CelConstant.Kind.NULL_VALUE);
    }

    /** What is done with a node's value: two of one use weigh the same by the same value. */
    String use(CelExpr node) {
        return uses[(int) node.id()].name();
    }

    /** @param left what may still be spent; nothing is counted further than that */
    long of(CelExpr node, Object value, long left) {
        Use use = uses[(int) node.id()];
        if (use == Use.LISTED && value instanceof ClaimsValue.ObjectClaim) {
            throw new Failure("a claim that is an object is no list; ask for its member by `has`");
        }
        long weight = use == Use.EXAMINED ? CelLimits.FUNCTION_COST : 0;
        if (value instanceof String text) {
            // A text's size is counted in code points.
            boolean examined = use == Use.EXAMINED || use == Use.LOOKED_INTO;
            return weight + text.length() / (examined ? CelLimits.PARSED_PER_STEP : CelLimits.CHARACTERS_PER_STEP);
        }
        if (value instanceof CelByteString bytes) {
            return weight + bytes.size() / CelLimits.BYTES_PER_STEP;
        }
        if (use == Use.LOOKED_INTO || !(value instanceof List || value instanceof Map)) {
            return weight;
        }
        return (use == Use.ITERATED ? size(value) : Values.count(value, left * CelLimits.ELEMENTS_PER_STEP))
                / CelLimits.ELEMENTS_PER_STEP;
    }

    private static int size(Object value) {
        return value instanceof List<?> list ? list.size() : ((Map<?, ?>) value).size();
    }
}

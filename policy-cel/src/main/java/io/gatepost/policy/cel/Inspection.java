package io.gatepost.policy.cel;

import com.google.re2j.Pattern;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelSource;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What can be said of an expression before it runs: patterns that are none, and what may cost more than an evaluation
 * may where a client makes its request large.
 */
final class Inspection {
    /** What a client chooses the size of; an issuer vouches for a token. */
    private static final Set<String> CHOSEN_BY_CLIENT = Set.of("request", "llm");

    private static final String BEYOND = "; beyond " + Limits.COST + " steps the evaluation is an error";
    private final CelSource source;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final Map<String, Pattern> patterns = new HashMap<>();

    private Inspection(CelSource source) {
        this.source = source;
    }

    static Inspection of(CelAbstractSyntaxTree tree) {
        Inspection inspection = new Inspection(tree.getSource());
        inspection.visit(tree.getExpr(), CHOSEN_BY_CLIENT, false);
        return inspection;
    }

    List<Problem> problems() {
        return problems;
    }

    List<Problem> warnings() {
        return warnings;
    }

    /** The patterns that stand in the expression, compiled. */
    Map<String, Pattern> patterns() {
        return patterns;
    }

    /** Without recursion, since the tree may be too deep for it. */
    static boolean isDeeperThan(CelExpr tree, int limit) {
        Deque<CelExpr> level = new ArrayDeque<>(List.of(tree));
        for (int depth = 1; !level.isEmpty(); depth++) {
            if (depth > limit) {
                return true;
            }
            Deque<CelExpr> next = new ArrayDeque<>();
            level.forEach(node -> children(node).forEach(next::add));
            level = next;
        }
        return false;
    }

    private static Stream<CelExpr> children(CelExpr node) {
        return switch (node.getKind()) {
            case SELECT -> Stream.of(node.select().operand());
            case CALL -> Stream.concat(node.call().target().stream(), node.call().args().stream());
            case LIST -> node.list().elements().stream();
            case STRUCT -> node.struct().entries().stream().map(CelExpr.CelStruct.Entry::value);
            case MAP -> node.map().entries().stream().flatMap(entry -> Stream.of(entry.key(), entry.value()));
            case COMPREHENSION -> {
                CelComprehension loop = node.comprehension();
                yield Stream.of(
                        loop.iterRange(), loop.accuInit(), loop.loopCondition(), loop.loopStep(), loop.result());
            }
            default -> Stream.empty();
        };
    }

    /**
     * @param chosen the names of values whose size a client chooses
     * @param looping whether this is done for each element of such a value
     */
    private void visit(CelExpr node, Set<String> chosen, boolean looping) {
        if (node.getKind() == Kind.CALL) {
            visitCall(node, chosen, looping);
        }
        if (node.getKind() != Kind.COMPREHENSION) {
            children(node).forEach(child -> visit(child, chosen, looping));
            return;
        }
        CelComprehension loop = node.comprehension();
        boolean sized = isChosen(loop.iterRange(), chosen);
        // `with` is a comprehension over a list of one.
        boolean loops = sized && !isListOfOne(loop.iterRange());
        if (loops && looping) {
            warn(node, "a comprehension within another, both over what the client sends" + BEYOND);
        }
        Set<String> inner = new HashSet<>(chosen);
        if (sized) {
            inner.addAll(Set.of(loop.iterVar(), loop.iterVar2()));
        }
        visit(loop.iterRange(), chosen, looping);
        Stream.of(loop.loopCondition(), loop.loopStep()).forEach(child -> visit(child, inner, looping || loops));
    }

    private static boolean isListOfOne(CelExpr range) {
        return range.getKind() == Kind.LIST && range.list().elements().size() == 1;
    }

    private void visitCall(CelExpr node, Set<String> chosen, boolean looping) {
        String function = node.call().function();
        if (!function.equals("matches") && !function.equals("regexReplace")) {
            return;
        }
        List<CelExpr> all = children(node).toList();
        CelExpr pattern = all.get(1);
        if (pattern.getKind() == Kind.CONSTANT) {
            compile(pattern);
        } else if (isChosen(pattern, chosen)) {
            warn(node, "the client chooses the regular expression" + BEYOND);
        }
        if (isChosen(all.get(0), chosen) && (looping || readsBody(all.get(0)))) {
            warn(node, "a regular expression over a body of any size" + BEYOND);
        }
    }

    private void compile(CelExpr literal) {
        String pattern = literal.constant().stringValue();
        try {
            patterns.put(pattern, Regex.compile(pattern));
        } catch (Failure e) {
            problems.add(at(literal, e.reason()));
        }
    }

    private static boolean isChosen(CelExpr node, Set<String> chosen) {
        return node.getKind() == Kind.IDENT
                ? chosen.contains(node.ident().name())
                : children(node).anyMatch(child -> isChosen(child, chosen));
    }

    private static boolean readsBody(CelExpr node) {
        return (node.getKind() == Kind.SELECT
                        && Set.of("body", "bodyPrefix", "params")
                                .contains(node.select().field()))
                || children(node).anyMatch(Inspection::readsBody);
    }

    private void warn(CelExpr node, String message) {
        warnings.add(at(node, message));
    }

    private Problem at(CelExpr node, String message) {
        int offset = source.getPositionsMap().getOrDefault(node.id(), 0);
        return source.getOffsetLocation(offset)
                .map(place -> new Problem(place.getLine(), place.getColumn() + 1, message))
                .orElse(new Problem(1, 1, message));
    }
}

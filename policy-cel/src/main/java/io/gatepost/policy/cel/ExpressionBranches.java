package io.gatepost.policy.cel;

import dev.cel.common.CelSourceLocation;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelEvaluationListener;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.expression.EvaluationContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The branches of one expression: each side of each {@code &&}, {@code ||} and {@code ?:}, and whether an evaluation
 * was decided there. What tells how far tests go. Made by {@link CelExpressionCompiler#branches}. Immutable and
 * thread-safe.
 */
public final class ExpressionBranches {
    private final List<Branch> branches;
    private final Map<Long, List<Branch>> whenTrue;
    private final Map<Long, List<Branch>> whenFalse;
    private final Run run;

    /**
     * One side of an operator. A side of {@code &&} decides by being false, one of {@code ||} by being true, one of
     * {@code ?:} by being taken.
     *
     * @param operator {@code &&}, {@code ||} or {@code ?:}
     * @param text the side as it is written
     * @param line the 1-based line where it starts in the expression's text
     * @param column the 1-based column where it starts in that line, in code points
     */
    public record Branch(String operator, String text, int line, int column) {
        /**
         * What no evaluation did.
         *
         * @return such as {@code was never false}
         */
        public String undecided() {
            return switch (operator) {
                case "&&" -> "was never what made `&&` false";
                case "||" -> "was never what made `||` true";
                default -> "was never taken in `?:`";
            };
        }
    }

    /** One evaluation that a listener hears of. */
    @FunctionalInterface
    interface Run {
        @Nullable
        Object tell(
                PolicyRequest request,
                @Nullable VerifiedToken token,
                EvaluationContext context,
                CelEvaluationListener listener)
                throws CelEvaluationException;
    }

    private ExpressionBranches(Found found, Run run) {
        branches = List.copyOf(found.branches);
        whenTrue = Map.copyOf(found.whenTrue);
        whenFalse = Map.copyOf(found.whenFalse);
        this.run = run;
    }

    static ExpressionBranches of(WrittenTree tree, Run run) {
        Found found = new Found(tree);
        found.visit(tree.root());
        return new ExpressionBranches(found, run);
    }

    /**
     * All branches.
     *
     * @return the branches, outer ones before inner ones; none for an expression without such an operator
     */
    public List<Branch> branches() {
        return branches;
    }

    /**
     * Evaluates the expression once and tells which branches decided.
     *
     * @param request the request
     * @param token the verified token, or null where there is none
     * @return those that decided, up to an error where there is one
     */
    public Set<Branch> decided(PolicyRequest request, @Nullable VerifiedToken token) {
        return decided(request, token, new EvaluationContext());
    }

    /**
     * As {@link #decided(PolicyRequest, VerifiedToken)}, as of another time or within what is left of a budget.
     *
     * @param request the request
     * @param token the verified token, or null where there is none
     * @param context what says when the request came, and what evaluating may cost
     * @return those that decided, up to an error where there is one
     */
    public Set<Branch> decided(PolicyRequest request, @Nullable VerifiedToken token, EvaluationContext context) {
        Set<Branch> decided = new HashSet<>();
        try {
            run.tell(request, token, context, (expr, value) -> {
                Map<Long, List<Branch>> outcome =
                        Boolean.TRUE.equals(value) ? whenTrue : Boolean.FALSE.equals(value) ? whenFalse : Map.of();
                decided.addAll(outcome.getOrDefault(expr.id(), List.of()));
            });
        } catch (CelEvaluationException | RuntimeException | Evaluation.OutOfBudget | StackOverflowError e) {
            // What was decided before the error was decided all the same.
        }
        return decided;
    }

    /** Collects them from the tree. */
    private static final class Found {
        private final WrittenTree tree;
        private final List<Branch> branches = new ArrayList<>();
        private final Map<Long, List<Branch>> whenTrue = new HashMap<>();
        private final Map<Long, List<Branch>> whenFalse = new HashMap<>();

        Found(WrittenTree tree) {
            this.tree = tree;
        }

        private void visit(WrittenTree.Node node) {
            if (node.isCallOf("_&&_")) {
                chain(node.operands("_&&_"), "&&", whenFalse);
            } else if (node.isCallOf("_||_")) {
                chain(node.operands("_||_"), "||", whenTrue);
            } else {
                if (node.isCallOf("_?_:_")) {
                    add("?:", node.children().get(1), node.children().get(0).id(), whenTrue);
                    add("?:", node.children().get(2), node.children().get(0).id(), whenFalse);
                }
                node.children().forEach(this::visit);
            }
        }

        private void chain(Collection<WrittenTree.Node> operands, String operator, Map<Long, List<Branch>> when) {
            operands.forEach(operand -> add(operator, operand, operand.id(), when));
            operands.forEach(this::visit);
        }

        private void add(String operator, WrittenTree.Node side, long decider, Map<Long, List<Branch>> when) {
            CelSourceLocation start = tree.location(side.part());
            Branch branch =
                    new Branch(operator, tree.tokens().text(side.part()), start.getLine(), start.getColumn() + 1);
            branches.add(branch);
            when.computeIfAbsent(decider, id -> new ArrayList<>()).add(branch);
        }
    }
}

package io.gatepost.policy.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelSource;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableExpr;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** An expression's tree as its author wrote it: macros as they are called, not what they stand for. */
final class WrittenTree {
    private final CelSource source;
    private final ExpressionTokens tokens;
    private final Node root;

    WrittenTree(String text, CelAbstractSyntaxTree tree) {
        source = tree.getSource();
        tokens = new ExpressionTokens(text);
        root = node(tree.getExpr());
    }

    /**
     * A part of the expression.
     *
     * @param id of the node that is evaluated for it
     * @param expr what was written, a macro as a call
     * @param part where it stands
     */
    record Node(long id, CelExpr expr, List<Node> children, ExpressionTokens.Token part) {
        boolean isCallOf(String function) {
            return expr.getKind() == Kind.CALL && expr.call().function().equals(function);
        }

        /** The operands of a chain of one operator: three for {@code a && b && c}. */
        List<Node> operands(String function) {
            List<Node> operands = new ArrayList<>();
            for (Node child : children) {
                operands.addAll(child.isCallOf(function) ? child.operands(function) : List.of(child));
            }
            return operands;
        }
    }

    Node root() {
        return root;
    }

    ExpressionTokens tokens() {
        return tokens;
    }

    /** The token that a node's own place names: the operator of an operation. */
    ExpressionTokens.Token ownToken(Node node) {
        return tokens.get(tokens.indexAt(source.getPositionsMap().getOrDefault(node.id(), -1)));
    }

    CelSourceLocation location(ExpressionTokens.Token part) {
        return source.getOffsetLocation(part.start()).orElse(CelSourceLocation.of(1, 0));
    }

    void forEach(Consumer<Node> action) {
        forEach(root, action);
    }

    private static void forEach(Node node, Consumer<Node> action) {
        action.accept(node);
        node.children().forEach(child -> forEach(child, action));
    }

    private Node node(CelExpr expr) {
        CelExpr written =
                Optional.ofNullable(source.getMacroCalls().get(expr.id())).orElse(expr);
        List<Node> children = CelNavigableExpr.fromExpr(written)
                .children()
                .map(child -> node(child.expr()))
                .toList();
        return new Node(expr.id(), written, children, part(expr.id(), written, children));
    }

    /** From the first to the last of its tokens, and of its parts' tokens. */
    private ExpressionTokens.Token part(long id, CelExpr written, List<Node> children) {
        Map<Long, Integer> positions = source.getPositionsMap();
        int own = tokens.indexAt(positions.getOrDefault(id, -1));
        int first = own < 0 ? Integer.MAX_VALUE : startOfName(own, written);
        int last = own < 0 ? -1 : endOfName(own);
        for (Node child : children) {
            if (child.part().end() > 0) {
                first = Math.min(first, tokens.indexAt(child.part().start()));
                last = Math.max(last, tokens.indexAt(child.part().end() - 1));
            }
        }
        return last < 0 ? new ExpressionTokens.Token(0, 0) : tokens.balanced(first, last);
    }

    /**
     * A function's place is its bracket; its name, with a namespace, stands before it. A minus belongs to its number.
     */
    private int startOfName(int own, CelExpr written) {
        boolean function =
                written.getKind() == Kind.CALL && written.call().target().isEmpty();
        String before = tokens.text(tokens.get(own - 1));
        if (written.getKind() == Kind.CONSTANT) {
            boolean negative =
                    before.equals("-") && written.constant().toString().contains("-");
            return negative ? own - 1 : own;
        }
        if (!function || !tokens.text(tokens.get(own)).equals("(") || !before.matches("\\w+")) {
            return own;
        }
        int start = own - 1;
        while (tokens.text(tokens.get(start - 1)).equals(".")) {
            start -= 2;
        }
        return start;
    }

    /** A field's place is its dot. */
    private int endOfName(int own) {
        int end = own;
        if (tokens.text(tokens.get(end)).equals(".")) {
            end += tokens.text(tokens.get(end + 1)).equals("?") ? 2 : 1;
        }
        return end;
    }
}

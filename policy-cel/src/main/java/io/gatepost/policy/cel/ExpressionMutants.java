package io.gatepost.policy.cel;

import dev.cel.common.CelSourceLocation;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import io.gatepost.policy.cel.ExpressionTokens.Token;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the small changes of an expression that its tests should notice: one at a time, in the text as it stands. */
final class ExpressionMutants {
    private static final Map<String, List<String>> OPERATORS = Map.of(
            "_&&_", List.of("||"),
            "_||_", List.of("&&"),
            "_==_", List.of("!="),
            "_!=_", List.of("=="),
            "_<_", List.of("<=", ">="),
            "_<=_", List.of("<", ">"),
            "_>_", List.of(">=", "<="),
            "_>=_", List.of(">", "<"),
            "_+_", List.of("-"),
            "_-_", List.of("+"));
    private static final Map<String, String> FUNCTIONS =
            Map.of("startsWith", "contains", "endsWith", "contains", "exists", "all", "all", "exists");
    private static final Set<String> COMPARISONS = Set.of("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_");
    private static final Set<String> LOGIC = Set.of("_&&_", "_||_", "!_", "_?_:_");

    private final WrittenTree tree;
    private final Map<String, ExpressionMutant> found = new LinkedHashMap<>();

    private ExpressionMutants(WrittenTree tree) {
        this.tree = tree;
    }

    /** The changes in the order of the text, each text once; some may not compile. */
    static List<ExpressionMutant> of(WrittenTree tree) {
        ExpressionMutants mutants = new ExpressionMutants(tree);
        mutants.visit(tree.root());
        return List.copyOf(mutants.found.values());
    }

    private void visit(WrittenTree.Node node) {
        if (node.expr().getKind() == Kind.CALL) {
            operator(node);
            function(node);
        } else if (node.expr().getKind() == Kind.CONSTANT) {
            literal(node);
        }
        boolean conjunction = node.isCallOf("_&&_");
        for (int i = 0; i < node.children().size(); i++) {
            WrittenTree.Node child = node.children().get(i);
            if (isCondition(node, i)) {
                condition(child, conjunction);
            }
            visit(child);
        }
    }

    /** Where a boolean is expected by an operator; operators of the same kind are taken apart further down. */
    private static boolean isCondition(WrittenTree.Node parent, int child) {
        boolean logical = parent.isCallOf("_?_:_") ? child == 0 : LOGIC.stream().anyMatch(parent::isCallOf);
        WrittenTree.Node node = parent.children().get(child);
        return logical
                && node.expr().getKind() != Kind.CONSTANT
                && LOGIC.stream().noneMatch(node::isCallOf);
    }

    private void condition(WrittenTree.Node node, boolean ofConjunction) {
        boolean guard = ofConjunction && node.isCallOf("has");
        add(node.part(), "true", "", guard);
        if (COMPARISONS.stream().noneMatch(node::isCallOf)) {
            add(node.part(), "false", "", false);
        }
    }

    private void operator(WrittenTree.Node node) {
        Token own = tree.ownToken(node);
        if (node.isCallOf("!_") && tree.tokens().text(own).equals("!")) {
            add(own, "", tree.tokens().text(node.part()), false);
        }
        String function = node.expr().call().function();
        boolean written = !function.equals("!_") && ("_" + tree.tokens().text(own) + "_").equals(function);
        if (written) {
            OPERATORS
                    .getOrDefault(function, List.of())
                    .forEach(other -> add(own, other, tree.tokens().text(node.part()), false));
        }
    }

    /** The name stands before the bracket, which is the call's place. */
    private void function(WrittenTree.Node node) {
        String other = FUNCTIONS.get(node.expr().call().function());
        Token own = tree.ownToken(node);
        Token name = tree.tokens().get(tree.tokens().indexAt(own.start()) - 1);
        if (other != null && tree.tokens().text(name).equals(node.expr().call().function())) {
            add(name, other, tree.tokens().text(node.part()), false);
        }
    }

    private void literal(WrittenTree.Node node) {
        Token own = tree.ownToken(node);
        String text = tree.tokens().text(own);
        CelConstant.Kind kind = node.expr().constant().getKind();
        switch (kind) {
            case STRING_VALUE -> string(own, text);
            case INT64_VALUE, DOUBLE_VALUE, UINT64_VALUE -> number(own, text);
            case BOOLEAN_VALUE -> {
                if (text.equals("true") || text.equals("false")) {
                    add(own, text.equals("true") ? "false" : "true", "", false);
                }
            }
            default -> {}
        }
    }

    /** What looks like a name of a field in {@code x.?field} has no quotes, and is none. */
    private void string(Token own, String text) {
        char quote = text.isEmpty() ? ' ' : text.charAt(text.length() - 1);
        int quotes = text.endsWith(String.valueOf(quote).repeat(3)) && text.length() >= 6 ? 3 : 1;
        if (quote == '"' || quote == '\'') {
            String end = text.substring(text.length() - quotes);
            add(own, text.substring(0, text.length() - quotes) + "~" + end, "", false);
        }
    }

    private void number(Token own, String text) {
        if (text.matches("\\d{1,15}u?")) {
            boolean unsigned = text.endsWith("u");
            long value = Long.parseLong(unsigned ? text.substring(0, text.length() - 1) : text);
            add(own, (value + 1) + (unsigned ? "u" : ""), "", false);
        } else if (text.matches("\\d{1,15}\\.\\d{1,15}")) {
            add(own, String.valueOf(Double.parseDouble(text) + 1), "", false);
        }
    }

    private void add(Token part, String instead, String within, boolean dropsGuard) {
        if (part.end() == 0) {
            return;
        }
        String text = tree.tokens().with(part, instead);
        CelSourceLocation start = tree.location(part);
        found.putIfAbsent(
                text,
                new ExpressionMutant(
                        text,
                        start.getLine(),
                        start.getColumn() + 1,
                        tree.tokens().text(part),
                        instead,
                        within,
                        dropsGuard));
    }
}

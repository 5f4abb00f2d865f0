package io.gatepost.policy.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import java.util.Set;
import java.util.TreeSet;

/** What an expression looks at: its variables, and of {@code request} the field. */
final class Reads {
    private Reads() {}

    static Set<String> of(CelAbstractSyntaxTree tree) {
        Set<String> names = new TreeSet<>();
        CelNavigableAst.fromAst(tree)
                .getRoot()
                .allNodes()
                .filter(node -> node.getKind() == CelExpr.ExprKind.Kind.IDENT)
                .forEach(node -> add(node, names));
        return Set.copyOf(names);
    }

    /** Whether the value is the same each time for the same token: names that are not declared are those of loops. */
    static boolean tokenOnly(CelAbstractSyntaxTree tree, Set<String> declared) {
        return CelNavigableAst.fromAst(tree).getRoot().allNodes().allMatch(node -> switch (node.getKind()) {
            case IDENT -> {
                String name = node.expr().ident().name();
                yield name.equals("jwt") || !declared.contains(name);
            }
            case CALL -> !RandomFunctions.NAMES.contains(node.expr().call().function());
            default -> true;
        });
    }

    private static void add(CelNavigableExpr ident, Set<String> names) {
        String name = ident.expr().ident().name();
        if (!name.equals("request")) {
            names.add(name);
            return;
        }
        String field = ident.parent()
                .filter(parent -> parent.getKind() == CelExpr.ExprKind.Kind.SELECT)
                .map(parent -> parent.expr().select().field())
                .orElse("");
        // A prefix is read from the body; the request as a whole could be anything.
        names.add(field.isEmpty() || field.equals("bodyPrefix") ? "request.body" : "request." + field);
    }
}

package io.gatepost.policy.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.Operator;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What an expression looks at: its variables, and of {@code request} the field. */
final class Reads {
    private static final Set<String> INDEXING =
            Set.of(Operator.INDEX.getFunction(), Operator.OPTIONAL_INDEX.getFunction());

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

    /**
     * The nodes whose value is only looked into by the node around: {@code jwt} and {@code jwt.address} of
     * {@code jwt.address.country}. However large they are, that takes one step.
     */
    static Set<Long> lookedInto(CelAbstractSyntaxTree tree) {
        return CelNavigableAst.fromAst(tree)
                .getRoot()
                .allNodes()
                .filter(node -> isRead(node.expr())
                        && node.parent()
                                .filter(parent -> looksInto(parent.expr(), node.id()))
                                .isPresent())
                .map(CelNavigableExpr::id)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isRead(CelExpr node) {
        return switch (node.getKind()) {
            case IDENT, SELECT -> true;
            case CALL -> INDEXING.contains(node.call().function());
            default -> false;
        };
    }

    private static boolean looksInto(CelExpr node, long part) {
        return switch (node.getKind()) {
            case SELECT -> true;
            case CALL ->
                INDEXING.contains(node.call().function())
                        && node.call().args().get(0).id() == part;
            default -> false;
        };
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

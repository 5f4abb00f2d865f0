package io.gatepost.tools.lint;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelUnparserVisitor;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.model.MatchExpression;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tree of one expression, and where its parts are written. */
final class Syntax {
    private static final CelExpressionCompiler COMPILER = new CelExpressionCompiler();

    private final MatchExpression expression;
    private final CelAbstractSyntaxTree tree;

    private Syntax(MatchExpression expression, CelAbstractSyntaxTree tree) {
        this.expression = expression;
        this.tree = tree;
    }

    /** The tree; null where the expression can't be compiled, which loading tells. */
    static @Nullable Syntax of(MatchExpression expression) {
        try {
            return new Syntax(expression, COMPILER.syntax(expression.text()));
        } catch (InvalidExpressionException problem) {
            return null;
        }
    }

    CelExpr root() {
        return tree.getExpr();
    }

    MatchExpression expression() {
        return expression;
    }

    /** Where a part starts in the document. */
    Origin origin(CelExpr part) {
        int offset = CelNavigableExpr.fromExpr(part)
                .allNodes()
                .map(node -> tree.getSource().getPositionsMap().get(node.id()))
                .filter(position -> position != null)
                .mapToInt(Integer::intValue)
                .min()
                .orElse(0);
        CelSourceLocation place = tree.getSource().getOffsetLocation(offset).orElse(CelSourceLocation.of(1, 0));
        return expression.at(place.getLine(), place.getColumn() + 1);
    }

    /** A part as it would be written; parts of the same text are the same test. */
    String text(CelExpr part) {
        try {
            return new CelUnparserVisitor(tree).unparse(part);
        } catch (RuntimeException problem) {
            return "#" + part.id();
        }
    }

    CelType type(CelExpr part) {
        return tree.getType(part.id()).orElse(SimpleType.DYN);
    }

    /** The name of the macro that a part was written as, such as {@code has}; null where it was none. */
    @Nullable
    String macro(CelExpr part) {
        CelExpr written = tree.getSource().getMacroCalls().get(part.id());
        return written == null || written.getKind() != Kind.CALL
                ? null
                : written.call().function();
    }

    /** What a call is about, its target first. */
    static List<CelExpr> operands(CelExpr call) {
        return Stream.concat(call.call().target().stream(), call.call().args().stream())
                .toList();
    }

    /** Whether a part calls a function. */
    static boolean calls(CelExpr part, String... functions) {
        return part.getKind() == Kind.CALL
                && Stream.of(functions).anyMatch(part.call().function()::equals);
    }

    /** A text that stands in the expression; null for anything else. */
    static @Nullable String literal(CelExpr part) {
        return part.getKind() == Kind.CONSTANT && part.constant().getKind() == CelConstant.Kind.STRING_VALUE
                ? part.constant().stringValue()
                : null;
    }

    /** Such as {@code jwt.sub}, however it is written; empty where a step is computed. */
    static String path(CelExpr part) {
        return switch (part.getKind()) {
            case IDENT -> part.ident().name();
            case SELECT ->
                part.select().testOnly()
                        ? ""
                        : step(path(part.select().operand()), part.select().field());
            case CALL -> {
                boolean indexed = calls(part, "_[_]", "_?._", "_[?_]")
                        && literal(part.call().args().get(1)) != null;
                yield indexed
                        ? step(
                                path(part.call().args().get(0)),
                                String.valueOf(literal(part.call().args().get(1))))
                        : "";
            }
            default -> "";
        };
    }

    private static String step(String operand, String name) {
        return operand.isEmpty() ? "" : operand + "." + name;
    }

    /** All parts of a part, itself first. */
    static Stream<CelExpr> parts(CelExpr part) {
        return CelNavigableExpr.fromExpr(part).allNodes().map(CelNavigableExpr::expr);
    }

    /** The paths that a part reads. */
    static Stream<String> reads(CelExpr part) {
        String path = path(part);
        return path.isEmpty()
                ? CelNavigableExpr.fromExpr(part).children().flatMap(child -> reads(child.expr()))
                : Stream.of(path);
    }
}

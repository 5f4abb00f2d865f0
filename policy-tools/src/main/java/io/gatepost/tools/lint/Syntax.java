package io.gatepost.tools.lint;

import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.cel.ExpressionPart;
import io.gatepost.policy.cel.ExpressionPart.Kind;
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
    private final ExpressionPart root;

    private Syntax(MatchExpression expression, ExpressionPart root) {
        this.expression = expression;
        this.root = root;
    }

    /** The tree; null where the expression can't be compiled, which loading tells. */
    static @Nullable Syntax of(MatchExpression expression) {
        try {
            return new Syntax(expression, COMPILER.syntax(expression.text()));
        } catch (InvalidExpressionException problem) {
            return null;
        }
    }

    ExpressionPart root() {
        return root;
    }

    MatchExpression expression() {
        return expression;
    }

    /** Where a part starts in the document. */
    Origin origin(ExpressionPart part) {
        return expression.at(part.line(), part.column());
    }

    /** A part as it would be written; parts of the same text are the same test. */
    String text(ExpressionPart part) {
        String text = part.text();
        return text == null ? "#" + part.number() : text;
    }

    /** What a call is about, its target first. */
    static List<ExpressionPart> operands(ExpressionPart call) {
        return call.children();
    }

    /** Whether a part calls a function. */
    static boolean calls(ExpressionPart part, String... functions) {
        return part.kind() == Kind.CALL && Stream.of(functions).anyMatch(part.name()::equals);
    }

    /** A text that stands in the expression; null for anything else. */
    static @Nullable String literal(ExpressionPart part) {
        return part.constant() instanceof String text ? text : null;
    }

    /** Such as {@code jwt.sub}, however it is written; empty where a step is computed. */
    static String path(ExpressionPart part) {
        return switch (part.kind()) {
            case NAME -> part.name();
            case FIELD -> step(path(part.children().get(0)), part.name());
            case CALL -> {
                boolean indexed = calls(part, "_[_]", "_?._", "_[?_]")
                        && literal(part.children().get(1)) != null;
                yield indexed
                        ? step(
                                path(part.children().get(0)),
                                String.valueOf(literal(part.children().get(1))))
                        : "";
            }
            default -> "";
        };
    }

    private static String step(String operand, String name) {
        return operand.isEmpty() ? "" : operand + "." + name;
    }

    /** All parts of a part, itself first. */
    static Stream<ExpressionPart> parts(ExpressionPart part) {
        return part.parts();
    }

    /** The paths that a part reads. */
    static Stream<String> reads(ExpressionPart part) {
        String path = path(part);
        return path.isEmpty() ? part.children().stream().flatMap(Syntax::reads) : Stream.of(path);
    }
}

package io.gatepost.policy.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelUnparserVisitor;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A part of an expression, for tools that judge expressions without running them. The whole is the part that
 * {@link CelExpressionCompiler#syntax} answers. A macro is what it stands for, such as a loop; {@link #macro} tells how
 * it was written. Immutable and thread-safe.
 */
public final class ExpressionPart {
    /** What a part is. */
    public enum Kind {
        /** A literal: {@link #constant} has its value. */
        CONSTANT,
        /** A variable: {@link #name}. */
        NAME,
        /** A field of the one child: {@link #name}. */
        FIELD,
        /** Whether the one child has a field: {@link #name}. */
        PRESENCE,
        /** A call or an operation; {@link #name} is the function, such as {@code startsWith} or {@code _&&_}. */
        CALL,
        /** A list of the children. */
        LIST,
        /** A loop over {@link #range} with the variable {@link #name}, each time {@link #step}. */
        LOOP,
        /** A map or a message. */
        OTHER
    }

    /** Of which type the value is, as far as that is known before it is run. */
    public enum Type {
        /** A truth value. */
        BOOL,
        /** A whole number. */
        INT,
        /** A whole number from 0. */
        UINT,
        /** A number. */
        DOUBLE,
        /** A text. */
        STRING,
        /** A list. */
        LIST,
        /** Another type, or one that is not known. */
        OTHER
    }

    private final CelAbstractSyntaxTree tree;
    private final CelExpr expr;

    private ExpressionPart(CelAbstractSyntaxTree tree, CelExpr expr) {
        this.tree = tree;
        this.expr = expr;
    }

    static ExpressionPart of(CelAbstractSyntaxTree tree) {
        return new ExpressionPart(tree, tree.getExpr());
    }

    /**
     * What this is.
     *
     * @return the kind
     */
    public Kind kind() {
        return switch (expr.getKind()) {
            case CONSTANT -> Kind.CONSTANT;
            case IDENT -> Kind.NAME;
            case SELECT -> expr.select().testOnly() ? Kind.PRESENCE : Kind.FIELD;
            case CALL -> Kind.CALL;
            case LIST -> Kind.LIST;
            case COMPREHENSION -> Kind.LOOP;
            default -> Kind.OTHER;
        };
    }

    /**
     * The name of the variable, field, function or loop variable.
     *
     * @return the name; empty for a part of another kind
     */
    public String name() {
        return switch (expr.getKind()) {
            case IDENT -> expr.ident().name();
            case SELECT -> expr.select().field();
            case CALL -> expr.call().function();
            case COMPREHENSION -> expr.comprehension().iterVar();
            default -> "";
        };
    }

    /**
     * The value of a literal.
     *
     * @return a string, boolean, {@code Long}, {@code BigInteger} for an unsigned number, {@code Double} or byte array;
     *     null for the literal {@code null}, and for a part of another kind
     */
    public @Nullable Object constant() {
        if (expr.getKind() != ExprKind.Kind.CONSTANT) {
            return null;
        }
        CelConstant constant = expr.constant();
        return switch (constant.getKind()) {
            case STRING_VALUE -> constant.stringValue();
            case BOOLEAN_VALUE -> constant.booleanValue();
            case INT64_VALUE -> constant.int64Value();
            case UINT64_VALUE -> constant.uint64Value().bigIntegerValue();
            case DOUBLE_VALUE -> constant.doubleValue();
            case BYTES_VALUE -> constant.bytesValue().toByteArray();
            default -> null;
        };
    }

    /**
     * The parts that this is made of.
     *
     * @return of a call what it is called on, then its arguments; of a loop the range first
     */
    public List<ExpressionPart> children() {
        return CelNavigableExpr.fromExpr(expr)
                .children()
                .map(child -> part(child.expr()))
                .toList();
    }

    /**
     * All parts within this one.
     *
     * @return this one first, then those of each child
     */
    public Stream<ExpressionPart> parts() {
        return CelNavigableExpr.fromExpr(expr).allNodes().map(node -> part(node.expr()));
    }

    /**
     * What a loop goes through.
     *
     * @return the list or map
     * @throws IllegalStateException where this is no loop
     */
    public ExpressionPart range() {
        return part(loop().iterRange());
    }

    /**
     * What a loop does each time: its condition is a child of this.
     *
     * @return the step
     * @throws IllegalStateException where this is no loop
     */
    public ExpressionPart step() {
        return part(loop().loopStep());
    }

    /**
     * The names that only mean something within a loop.
     *
     * @return its variables, and the one that takes in what it comes to
     * @throws IllegalStateException where this is no loop
     */
    public Set<String> variables() {
        CelExpr.CelComprehension loop = loop();
        return Set.copyOf(List.of(loop.iterVar(), loop.iterVar2(), loop.accuVar()));
    }

    private CelExpr.CelComprehension loop() {
        if (expr.getKind() != ExprKind.Kind.COMPREHENSION) {
            throw new IllegalStateException("no loop");
        }
        return expr.comprehension();
    }

    private ExpressionPart part(CelExpr part) {
        return new ExpressionPart(tree, part);
    }

    /**
     * The part as it would be written; parts of the same text are the same test.
     *
     * @return the text; null where it can't be written by itself
     */
    public @Nullable String text() {
        try {
            return new CelUnparserVisitor(tree).unparse(expr);
        } catch (RuntimeException unwritten) {
            return null;
        }
    }

    /**
     * The name of the macro that this was written as.
     *
     * @return such as {@code has} or {@code exists}; null where it was none
     */
    public @Nullable String macro() {
        CelExpr written = tree.getSource().getMacroCalls().get(expr.id());
        return written == null || written.getKind() != ExprKind.Kind.CALL
                ? null
                : written.call().function();
    }

    /**
     * Of which type the value is.
     *
     * @return the type, that of the value which is not null where it {@linkplain #mayBeNull may be null}
     */
    public Type type() {
        return switch (checked().kind()) {
            case BOOL -> Type.BOOL;
            case INT -> Type.INT;
            case UINT -> Type.UINT;
            case DOUBLE -> Type.DOUBLE;
            case STRING -> Type.STRING;
            case LIST -> Type.LIST;
            default -> Type.OTHER;
        };
    }

    /**
     * Whether the type is one that has null, too.
     *
     * @return false also where the type is not known
     */
    public boolean mayBeNull() {
        return checked() instanceof NullableType;
    }

    private CelType checked() {
        return tree.getType(expr.id()).orElse(SimpleType.DYN);
    }

    /**
     * What tells this part from all others of its expression.
     *
     * @return a number, the same each time
     */
    public long number() {
        return expr.id();
    }

    /**
     * Where this starts.
     *
     * @return the 1-based line in the expression's text
     */
    public int line() {
        return place().getLine();
    }

    /**
     * Where this starts.
     *
     * @return the 1-based column in its {@link #line}, in code points
     */
    public int column() {
        return place().getColumn() + 1;
    }

    private CelSourceLocation place() {
        int offset = CelNavigableExpr.fromExpr(expr)
                .allNodes()
                .map(node -> tree.getSource().getPositionsMap().get(node.id()))
                .filter(Objects::nonNull)
                .mapToInt(Integer::intValue)
                .min()
                .orElse(0);
        return tree.getSource().getOffsetLocation(offset).orElse(CelSourceLocation.of(1, 0));
    }

    @Override
    public String toString() {
        return kind() + " " + name();
    }
}

package io.gatepost.tools.explain;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.parser.CelUnparserVisitor;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.expression.ExpressionCompiler.ResultType;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.model.MatchExpression;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Takes expressions apart; comparisons of the same text are one, whichever expressions have them. Not thread-safe. */
final class Conditions {
    private static final Map<String, Condition.Kind> KINDS = Map.of(
            "_&&_", Condition.Kind.ALL,
            "_||_", Condition.Kind.ANY,
            "!_", Condition.Kind.NOT,
            "_?_:_", Condition.Kind.CHOICE);

    private static final Set<String> STEPS = Set.of("_[_]", "_[?_]", "_?._");

    /** What is compared in a way that values on both sides of it can be told. */
    private static final Set<String> PLAIN =
            Set.of(("_==_ _!=_ _<_ _<=_ _>_ _>=_ @in _&&_ _||_ !_ _?_:_ _[_] _[?_] _?._ @not_strictly_false startsWith"
                            + " endsWith contains size cidr ip containsIP timestamp getHours getDayOfWeek getMonth"
                            + " getDate getDayOfMonth getFullYear getMinutes getSeconds lowerAscii upperAscii scopes"
                            + " json string int double dyn")
                    .split(" ", -1));

    private final CelExpressionCompiler compiler;
    private final Clock clock;
    private final Map<String, Atom> atoms = new LinkedHashMap<>();

    /** @param clock what says when requests come that say nothing of it themselves */
    Conditions(CelExpressionCompiler compiler, Clock clock) {
        this.compiler = compiler;
        this.clock = clock;
    }

    Collection<Atom> atoms() {
        return atoms.values();
    }

    Condition of(MatchExpression expression) {
        try {
            CelAbstractSyntaxTree tree = compiler.syntax(expression.text());
            try {
                return of(tree, tree.getExpr());
            } catch (InvalidExpressionException | RuntimeException unwritten) {
                // A part that can't be written by itself: then the whole is one.
                return Condition.of(atom(tree.getExpr(), expression.text()));
            }
        } catch (InvalidExpressionException e) {
            throw new IllegalStateException("an expression of a running engine can't be compiled", e);
        }
    }

    private Condition of(CelAbstractSyntaxTree tree, CelExpr part) throws InvalidExpressionException {
        Condition.Kind kind =
                part.getKind() == Kind.CALL ? KINDS.get(part.call().function()) : null;
        if (kind == null) {
            return Condition.of(atom(part, new CelUnparserVisitor(tree).unparse(part)));
        }
        List<Condition> parts = new ArrayList<>();
        for (CelExpr one : part.call().args()) {
            parts.add(of(tree, one));
        }
        return new Condition(kind, parts, null);
    }

    private Atom atom(CelExpr part, String text) throws InvalidExpressionException {
        Atom known = atoms.get(text);
        if (known == null) {
            Set<String> reads = new LinkedHashSet<>();
            addReads(part, new HashSet<>(), reads);
            known = new Atom(atoms.size(), text, reads, calls(part), compiler.compile(text, ResultType.BOOLEAN), clock);
            atoms.put(text, known);
        }
        return known;
    }

    private static List<String> calls(CelExpr part) {
        Set<String> calls = new TreeSet<>();
        CelNavigableExpr.fromExpr(part)
                .allNodes()
                .filter(node -> node.getKind() == Kind.CALL)
                .map(node -> node.expr().call().function())
                .filter(function -> !PLAIN.contains(function))
                .forEach(calls::add);
        return List.copyOf(calls);
    }

    private static void addReads(CelExpr part, Set<String> own, Set<String> reads) {
        String path = path(part);
        if (path != null) {
            String root = path.contains(".") ? path.substring(0, path.indexOf('.')) : path;
            if (!own.contains(root) && !root.startsWith("@")) {
                reads.add(path);
            }
            return;
        }
        if (part.getKind() == Kind.COMPREHENSION) {
            own.add(part.comprehension().iterVar());
            own.add(part.comprehension().iterVar2());
            own.add(part.comprehension().accuVar());
        }
        if (part.getKind() == Kind.CALL && part.call().function().equals("scopes")) {
            reads.addAll(List.of("jwt.scope", "jwt.scp"));
            return;
        }
        CelNavigableExpr.fromExpr(part).children().forEach(child -> addReads(child.expr(), own, reads));
    }

    /** Such as {@code jwt.sub}; null where a step is computed. */
    private static @Nullable String path(CelExpr expr) {
        return switch (expr.getKind()) {
            case IDENT -> expr.ident().name();
            case SELECT -> step(expr.select().operand(), expr.select().field());
            case CALL -> {
                List<CelExpr> args = expr.call().args();
                boolean steps = STEPS.contains(expr.call().function())
                        && args.size() == 2
                        && args.get(1).getKind() == Kind.CONSTANT;
                yield steps ? step(args.get(0), args.get(1).constant()) : null;
            }
            default -> null;
        };
    }

    private static @Nullable String step(CelExpr operand, CelConstant key) {
        return key.getKind() == CelConstant.Kind.STRING_VALUE ? step(operand, key.stringValue()) : path(operand);
    }

    private static @Nullable String step(CelExpr operand, String name) {
        String path = path(operand);
        return path == null ? null : path + "." + name;
    }
}

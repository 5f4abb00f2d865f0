package io.gatepost.tools.explain;

import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.cel.ExpressionPart;
import io.gatepost.policy.cel.ExpressionPart.Kind;
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
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Takes expressions apart; comparisons of the same text are one, whichever expressions have them. Not thread-safe. */
final class ConditionReader {
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
    ConditionReader(CelExpressionCompiler compiler, Clock clock) {
        this.compiler = compiler;
        this.clock = clock;
    }

    Collection<Atom> atoms() {
        return atoms.values();
    }

    Condition of(MatchExpression expression) {
        try {
            ExpressionPart root = compiler.syntax(expression.text());
            try {
                return of(root);
            } catch (InvalidExpressionException | RuntimeException unwritten) {
                // A part that can't be written by itself: then the whole is one.
                return Condition.of(atom(root, expression.text()));
            }
        } catch (InvalidExpressionException e) {
            throw new IllegalStateException("an expression of a running engine can't be compiled", e);
        }
    }

    private Condition of(ExpressionPart part) throws InvalidExpressionException {
        Condition.Kind kind = part.kind() == Kind.CALL ? KINDS.get(part.name()) : null;
        if (kind == null) {
            return Condition.of(atom(part, Objects.requireNonNull(part.text(), "a part that can't be written")));
        }
        List<Condition> parts = new ArrayList<>();
        for (ExpressionPart one : part.children()) {
            parts.add(of(one));
        }
        return new Condition(kind, parts, null);
    }

    private Atom atom(ExpressionPart part, String text) throws InvalidExpressionException {
        Atom known = atoms.get(text);
        if (known == null) {
            Set<String> reads = new LinkedHashSet<>();
            addReads(part, new HashSet<>(), reads);
            known = new Atom(atoms.size(), text, reads, calls(part), compiler.compile(text, ResultType.BOOLEAN), clock);
            atoms.put(text, known);
        }
        return known;
    }

    private static List<String> calls(ExpressionPart part) {
        Set<String> calls = new TreeSet<>();
        part.parts()
                .filter(inner -> inner.kind() == Kind.CALL)
                .map(ExpressionPart::name)
                .filter(function -> !PLAIN.contains(function))
                .forEach(calls::add);
        return List.copyOf(calls);
    }

    private static void addReads(ExpressionPart part, Set<String> own, Set<String> reads) {
        String path = path(part);
        if (path != null) {
            String root = path.contains(".") ? path.substring(0, path.indexOf('.')) : path;
            if (!own.contains(root) && !root.startsWith("@")) {
                reads.add(path);
            }
            return;
        }
        if (part.kind() == Kind.LOOP) {
            own.addAll(part.variables());
        }
        if (part.kind() == Kind.CALL && part.name().equals("scopes")) {
            reads.addAll(List.of("jwt.scope", "jwt.scp"));
            return;
        }
        part.children().forEach(child -> addReads(child, own, reads));
    }

    /** Such as {@code jwt.sub}; null where a step is computed. */
    private static @Nullable String path(ExpressionPart part) {
        return switch (part.kind()) {
            case NAME -> part.name();
            case FIELD, PRESENCE -> step(part.children().get(0), part.name());
            case CALL -> {
                List<ExpressionPart> operands = part.children();
                boolean steps = STEPS.contains(part.name())
                        && operands.size() == 2
                        && operands.get(1).kind() == Kind.CONSTANT;
                yield steps ? step(operands.get(0), operands.get(1)) : null;
            }
            default -> null;
        };
    }

    private static @Nullable String step(ExpressionPart operand, ExpressionPart key) {
        return key.constant() instanceof String name ? step(operand, name) : path(operand);
    }

    private static @Nullable String step(ExpressionPart operand, String name) {
        String path = path(operand);
        return path == null ? null : path + "." + name;
    }
}

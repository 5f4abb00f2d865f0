package io.gatepost.tools.explain;

import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.expression.EvaluationException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A part of expressions that is a comparison, or a call, of its own. Not thread-safe. */
final class Atom {
    private final int number;
    private final String text;
    private final Set<String> reads;
    private final List<String> calls;
    private final CompiledExpression compiled;
    private final Clock clock;
    private boolean held;
    private boolean failed;

    Atom(int number, String text, Set<String> reads, List<String> calls, CompiledExpression compiled, Clock clock) {
        this.number = number;
        this.text = text;
        this.reads = Set.copyOf(reads);
        this.calls = List.copyOf(calls);
        this.compiled = compiled;
        this.clock = clock;
    }

    int number() {
        return number;
    }

    String text() {
        return text;
    }

    /** The paths that it reads. */
    Set<String> reads() {
        return reads;
    }

    /** What it calls that values on both sides can't be told for. */
    List<String> calls() {
        return calls;
    }

    boolean readsToken() {
        return reads.stream().anyMatch(path -> path.equals("jwt") || path.startsWith("jwt."));
    }

    /** Whether it came out both ways, so that what depends on it was seen both ways. */
    boolean cameBothWays() {
        return held && failed;
    }

    boolean cameTrue() {
        return held;
    }

    Truth on(World world) {
        Truth truth = evaluate(world);
        held |= truth == Truth.TRUE;
        failed |= truth != Truth.TRUE;
        return truth;
    }

    private Truth evaluate(World world) {
        Map<String, @Nullable Object> claims = world.claims();
        VerifiedToken token = claims == null
                ? null
                : new VerifiedToken(claims.get("iss") instanceof String issuer ? issuer : "", null, claims);
        try {
            Object result = compiled.evaluate(world.request(), token, new EvaluationContext(clock));
            return result instanceof Boolean holds ? Truth.of(holds) : Truth.ERROR;
        } catch (EvaluationException error) {
            return Truth.ERROR;
        }
    }

    @Override
    public String toString() {
        return text;
    }
}

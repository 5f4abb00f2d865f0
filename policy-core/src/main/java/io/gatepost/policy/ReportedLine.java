package io.gatepost.policy;

import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.request.JudgedRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A {@link DecisionLine} that tells of its decisions: listeners hear of each, with what policies in shadow would have
 * decided. Immutable and thread-safe.
 */
final class ReportedLine implements AutoCloseable {
    private final DecisionLine line;
    private final Shadows shadows;
    private final DecisionListener.DecidedBy decidedBy;
    private final List<DecisionListener> listeners;
    private final Clock clock;

    ReportedLine(PolicyEngine engine, DecisionLine line, Shadows shadows, EngineSettings settings) {
        this.line = line;
        this.shadows = shadows;
        TrafficPolicy authenticating = line.policy().authenticating();
        decidedBy = new DecisionListener.DecidedBy(authenticating == null ? null : authenticating.name(), engine);
        listeners = List.copyOf(settings.listeners);
        clock = settings.clock;
    }

    /** Waits for what has to be fetched. A caller who waits need not know that others don't. */
    Decision decideNow(JudgedRequest request, Decision.Allow earlier) {
        try {
            return decide(request, earlier, null).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException fault) {
                throw fault;
            }
            if (e.getCause() instanceof Error fault) {
                throw fault;
            }
            throw e;
        }
    }

    CompletableFuture<Decision> decide(JudgedRequest request, Decision.Allow earlier, @Nullable Executor elsewhere) {
        if (listeners.isEmpty()) {
            return withShadows(request, earlier, elsewhere);
        }
        long start = System.nanoTime();
        return withShadows(request, earlier, elsewhere).thenApply(decision -> {
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            listeners.forEach(listener -> listener.decided(request, decision, elapsed, decidedBy));
            return decision;
        });
    }

    private CompletableFuture<Decision> withShadows(
            JudgedRequest request, Decision.Allow earlier, @Nullable Executor elsewhere) {
        EvaluationContext context = earlier.context() == null ? new EvaluationContext(clock) : earlier.context();
        CompletableFuture<Decision> judged = line.judge(request, earlier, elsewhere, context);
        return shadows.isEmpty()
                ? judged
                : judged.thenApply(decision -> shadows.told(decision, request, earlier, context.aside()));
    }

    @Override
    public void close() {
        line.close();
        shadows.close();
    }
}

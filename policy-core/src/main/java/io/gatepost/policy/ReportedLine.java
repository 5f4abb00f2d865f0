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

    /** The decision when it is there, which it mostly is at once; fails as {@link DecisionLine#judge} does. */
    CompletableFuture<Decision> decide(JudgedRequest request, Decision.Allow earlier, @Nullable Executor elsewhere) {
        long start = listeners.isEmpty() ? 0 : System.nanoTime();
        EvaluationContext context = earlier.context() == null ? new EvaluationContext(clock) : earlier.context();
        CompletableFuture<Decision> judged = line.judge(request, earlier, elsewhere, context);
        if (listeners.isEmpty() && shadows.isEmpty()) {
            return judged;
        }
        if (!judged.isDone() || judged.isCompletedExceptionally()) {
            return judged.thenApply(decision -> told(decision, request, earlier, context, start));
        }
        try {
            return CompletableFuture.completedFuture(told(judged.join(), request, earlier, context, start));
        } catch (RuntimeException | Error fault) {
            return CompletableFuture.failedFuture(new CompletionException(fault));
        }
    }

    private Decision told(
            Decision judged, JudgedRequest request, Decision.Allow earlier, EvaluationContext context, long start) {
        Decision decision = shadows.isEmpty() ? judged : shadows.told(judged, request, earlier, context.aside());
        if (!listeners.isEmpty()) {
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            for (DecisionListener listener : listeners) {
                listener.decided(request, decision, elapsed, decidedBy);
            }
        }
        return decision;
    }

    @Override
    public void close() {
        line.close();
        shadows.close();
    }
}

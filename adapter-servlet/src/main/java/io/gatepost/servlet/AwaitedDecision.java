package io.gatepost.servlet;

import io.gatepost.policy.BodySource;
import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.RejectedRequestException;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One request on its way through an engine. Its own thread waits for the decision, and reads the body where asked. */
final class AwaitedDecision implements BodySource {
    private final HttpServletRequest request;
    private final int bodyLimit;
    private final Thread thread = Thread.currentThread();
    private final BlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
    private final CompletableFuture<byte[]> decoded = new CompletableFuture<>();
    private @Nullable RequestBytes body;

    AwaitedDecision(HttpServletRequest request, int bodyLimit) {
        this.request = request;
        this.bodyLimit = bodyLimit;
    }

    /**
     * Waits for the decision.
     *
     * @param wait how long nothing may happen
     * @throws RejectedRequestException where the body can't be judged
     * @throws ExecutionException where the engine, or what it calls, has a fault
     */
    Decision decide(PolicyEngine engine, Decision.@Nullable Allow earlier, Duration wait)
            throws RejectedRequestException, ExecutionException, TimeoutException, InterruptedException {
        ServletPolicyRequest judged = new ServletPolicyRequest(request);
        CompletionStage<Decision> stage = engine.decideAsync(judged, earlier, this);
        CompletableFuture<Decision> decision = stage.toCompletableFuture();
        try {
            if (!decision.isDone()) {
                stage.whenComplete((made, fault) -> work.add(() -> {}));
                await(decision, wait);
            }
            return decision.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RejectedRequestException rejected) {
                throw rejected;
            }
            throw e;
        } finally {
            if (!decision.isDone()) {
                judged.end();
            }
        }
    }

    private void await(CompletableFuture<Decision> decision, Duration wait)
            throws TimeoutException, InterruptedException {
        while (!decision.isDone()) {
            Runnable next = work.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
            if (next == null) {
                throw new TimeoutException();
            }
            next.run();
        }
    }

    /** A thread that fetches keys or verifies tokens must not wait for a client. */
    @Override
    public CompletionStage<byte[]> read() {
        if (Thread.currentThread() == thread) {
            readHere();
        } else {
            work.add(this::readHere);
        }
        return decoded;
    }

    private void readHere() {
        try {
            RequestBytes read = RequestBytes.read(request, bodyLimit);
            body = read;
            decoded.complete(read.decoded(bodyLimit));
        } catch (RejectedRequestException | RuntimeException e) {
            decoded.completeExceptionally(e);
        }
    }

    /** The body as it came; null where nothing has read it. */
    byte @Nullable [] body() {
        return body == null ? null : body.asTheyCame();
    }
}

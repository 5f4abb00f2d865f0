package io.gatepost.undertow;

import io.gatepost.policy.BodySource;
import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RouteEngine;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RejectedRequestException;
import io.gatepost.policy.log.DenialLog;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.SameThreadExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through an engine. Goes on as a handler does whenever something has come that it waited for: a
 * key, the body once the engine wants it, the decision.
 */
final class PendingDecision implements BodySource {
    private final int bodyLimit;
    private final DenialLog log;
    private final Then then;
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final CompletableFuture<Void> wanted = new CompletableFuture<>();
    private final CompletableFuture<Decision> decision;
    private boolean reading;

    /** What is done with the decision; runs as a handler does. */
    interface Then {
        void handle(HttpServerExchange exchange, Decision decision) throws Exception;
    }

    private PendingDecision(
            RouteEngine engine,
            PolicyRequest request,
            int bodyLimit,
            HttpServerExchange exchange,
            DenialLog log,
            Then then) {
        this.bodyLimit = bodyLimit;
        this.log = log;
        this.then = then;
        Decision.Allow earlier = PolicyHandler.allowed(exchange);
        decision = engine.decideAsync(request, earlier, this).toCompletableFuture();
    }

    /** To be called as a handler is, as the last thing. */
    static void start(
            RouteEngine engine,
            PolicyRequest request,
            int bodyLimit,
            HttpServerExchange exchange,
            DenialLog log,
            Then then)
            throws Exception {
        new PendingDecision(engine, request, bodyLimit, exchange, log, then).goOn(exchange);
    }

    @Override
    public CompletionStage<byte[]> read() {
        wanted.complete(null);
        return body;
    }

    private void goOn(HttpServerExchange exchange) throws Exception {
        if (decision.isDone()) {
            enforce(exchange);
        } else if (wanted.isDone() && !reading) {
            reading = true;
            BufferedBody.read(exchange, bodyLimit, this::judge);
        } else {
            await(exchange, reading ? decision : CompletableFuture.anyOf(decision, wanted));
        }
    }

    private void judge(HttpServerExchange exchange, BufferedBody received) throws Exception {
        received.putBack(exchange);
        BodyWork.run(exchange, received.isCheap(exchange), () -> hand(received, exchange), this::goOn);
    }

    /** The engine goes on on this thread. */
    private void hand(BufferedBody received, HttpServerExchange exchange) {
        try {
            body.complete(received.decoded(exchange, bodyLimit));
        } catch (RejectedBodyException e) {
            body.completeExceptionally(e);
        }
    }

    private void await(HttpServerExchange exchange, CompletionStage<?> awaited) {
        Executor executor = exchange.isInIoThread()
                ? exchange.getIoThread()
                : exchange.getConnection().getWorker();
        Runnable resume = () -> Connectors.executeRootHandler(this::goOn, exchange);
        exchange.dispatch(
                SameThreadExecutor.INSTANCE, () -> awaited.whenComplete((any, bug) -> executor.execute(resume)));
    }

    private void enforce(HttpServerExchange exchange) throws Exception {
        Decision made;
        try {
            made = decision.join();
        } catch (CompletionException e) {
            @Nullable Throwable cause = e.getCause();
            if (cause instanceof RejectedRequestException rejected) {
                Exchanges.send(exchange, log.refused(new UndertowRequest(exchange), rejected.response()));
                return;
            }
            // Undertow logs it and answers 500.
            throw cause instanceof Exception bug ? bug : e;
        }
        then.handle(exchange, made);
    }
}

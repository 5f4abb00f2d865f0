package io.gatepost.undertow;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.forward.RejectedRequestException;
import io.undertow.server.Connectors;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.SameThreadExecutor;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Where bodies are inflated, parsed, judged and changed that would hold up an I/O thread, and with it the requests of
 * others. Half of the cores do that at most; what can't be done soon is answered with 503.
 */
final class BodyWork {
    private static final int WAITING = 256;
    static final ErrorResponse OVERLOADED =
            ErrorResponse.of(503, "overloaded", "too many bodies are waiting to be judged");

    private static final ThreadPoolExecutor THREADS = threads();

    /** A piece of work; fails with the answer where the body can't be used. */
    interface Work {
        void run() throws RejectedRequestException;
    }

    private BodyWork() {}

    private static ThreadPoolExecutor threads() {
        int most = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(most, most, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), work -> {
                    Thread thread = new Thread(work, "body-work");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /**
     * Does the work and goes on behind it, on the kind of thread that it was called on. To be called as a handler is,
     * as the last thing.
     *
     * @param here whether it takes less than handing it over
     */
    static void run(HttpServerExchange exchange, boolean here, Work work, HttpHandler then) throws Exception {
        if (here) {
            work.run();
            then.handleRequest(exchange);
            return;
        }
        Executor back = exchange.isInIoThread()
                ? exchange.getIoThread()
                : exchange.getConnection().getWorker();
        exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {
            try {
                THREADS.execute(() -> goOn(exchange, back, outcome(work, then)));
            } catch (RejectedExecutionException full) {
                goOn(exchange, back, refused -> Exchanges.send(refused, OVERLOADED));
            }
        });
    }

    private static void goOn(HttpServerExchange exchange, Executor back, HttpHandler next) {
        back.execute(() -> Connectors.executeRootHandler(next, exchange));
    }

    private static HttpHandler outcome(Work work, HttpHandler then) {
        try {
            work.run();
            return then;
        } catch (RejectedRequestException e) {
            return refused -> Exchanges.send(refused, e.response());
        } catch (RuntimeException | Error bug) {
            // Undertow logs it and answers 500.
            return failed -> {
                throw bug;
            };
        }
    }
}

package io.gatepost.undertow;

import io.gatepost.policy.forward.UpstreamFailure;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Takes the times of one request to an upstream, and tells them once. On one I/O thread. */
final class UpstreamTimer {
    private final HttpServerExchange exchange;
    private final String target;
    private final UpstreamListener listener;
    private final long start = System.nanoTime();
    private long firstByte;
    private int status;
    private @Nullable UpstreamFailure failure;
    private boolean told;

    UpstreamTimer(HttpServerExchange exchange, String target, UpstreamListener listener) {
        this.exchange = exchange;
        this.target = target;
        this.listener = listener;
    }

    /** The head of the response is there. */
    void answered(int status) {
        this.status = status;
    }

    /** The first failure counts: what follows follows from it. */
    void failed(UpstreamFailure failure) {
        this.failure = this.failure == null ? failure : this.failure;
    }

    void ended() {
        if (told) {
            return;
        }
        told = true;
        int query = target.indexOf('?');
        listener.ended(
                exchange,
                new UpstreamCall(
                        exchange.getRequestMethod().toString(),
                        query < 0 ? target : target.substring(0, query),
                        status,
                        failure,
                        firstByte == 0 ? null : Duration.ofNanos(firstByte - start),
                        Duration.ofNanos(System.nanoTime() - start)));
    }

    /** So many octets of the body have gone on to the client. */
    void moved(long octets) {
        if (octets > 0 && firstByte == 0) {
            firstByte = System.nanoTime();
        }
    }
}

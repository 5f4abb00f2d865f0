package io.gatepost.samples.custom;

import io.gatepost.policy.BodySource;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RequestBody;
import io.gatepost.policy.forward.jdk.ClientBody;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/** A request's body, read whole once the engine needs it. No thread waits for a slow client meanwhile. */
final class WholeBody implements BodySource {
    static final int LIMIT = RequestBody.DEFAULT_LIMIT;

    private final Request request;
    private volatile @Nullable CompletableFuture<byte[]> received;

    WholeBody(Request request) {
        this.request = request;
    }

    /** For the upstream: what was read, or what still comes. */
    ClientBody asItCame() {
        CompletableFuture<byte[]> read = received;
        return read == null
                ? new ClientBody(Content.Source.asInputStream(request), request.getLength())
                : ClientBody.of(read.join());
    }

    private CompletableFuture<byte[]> receive() {
        CompletableFuture<byte[]> reading = received;
        if (reading == null) {
            reading = new CompletableFuture<>();
            if (request.getLength() > LIMIT) {
                reading.completeExceptionally(RequestBody.tooLarge(LIMIT));
            } else {
                Content.Source.asByteArrayAsync(request, LIMIT, Promise.Invocable.toPromise(reading));
            }
            reading = reading.exceptionallyCompose(failure -> CompletableFuture.failedFuture(rejected(failure)));
            received = reading;
        }
        return reading;
    }

    private static Throwable rejected(Throwable failure) {
        if (failure instanceof RejectedBodyException) {
            return failure;
        }
        // So Jetty tells a body beyond the limit.
        return failure instanceof IllegalStateException ? RequestBody.tooLarge(LIMIT) : RequestBody.broken();
    }

    /** Without its encodings. */
    @Override
    public CompletableFuture<byte[]> read() {
        return receive().thenCompose(this::decoded);
    }

    private CompletableFuture<byte[]> decoded(byte[] body) {
        try {
            return CompletableFuture.completedFuture(
                    RequestBody.decode(body, request.getHeaders().getValuesList("Content-Encoding"), LIMIT));
        } catch (RejectedBodyException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}

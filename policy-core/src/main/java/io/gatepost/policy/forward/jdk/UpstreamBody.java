package io.gatepost.policy.forward.jdk;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A response's body, taken piece by piece as it comes, each awaited for so long only. One piece is asked for at a time.
 */
final class UpstreamBody implements BodySubscriber<UpstreamBody>, AutoCloseable {
    private sealed interface Event {}

    private record Piece(List<ByteBuffer> buffers) implements Event {}

    private record End(@Nullable Throwable failure) implements Event {}

    private final CompletableFuture<UpstreamBody> subscribed = new CompletableFuture<>();
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<UpstreamBody> getBody() {
        return subscribed;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        subscribed.complete(this);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        events.add(new Piece(buffers));
    }

    @Override
    public void onError(Throwable failure) {
        events.add(new End(failure));
        subscribed.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        events.add(new End(null));
    }

    /** The next piece; null at the end. */
    @Nullable
    List<ByteBuffer> next(Duration timeout) throws IOException, TimeoutException, InterruptedException {
        if (subscription != null) {
            subscription.request(1);
        }
        Event event = events.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        if (event == null) {
            throw new TimeoutException();
        }
        if (event instanceof Piece piece) {
            return piece.buffers();
        }
        if (((End) event).failure() != null) {
            throw new IOException("the upstream broke off");
        }
        return null;
    }

    /** Gives up what has not come yet, and the connection with it; without effect after the end. */
    @Override
    public void close() {
        if (subscription != null) {
            subscription.cancel();
        }
    }
}

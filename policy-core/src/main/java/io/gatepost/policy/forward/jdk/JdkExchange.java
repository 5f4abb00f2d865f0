package io.gatepost.policy.forward.jdk;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.forward.HopByHop;
import io.gatepost.policy.forward.UpstreamFailure;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One request on its way to the upstream and its response on the way back. On the request's thread. */
final class JdkExchange {
    private final HttpClient client;
    private final Duration timeout;
    private final ClientStream body;
    private final ClientResponse response;
    private boolean begun;

    /** @param body what the request's body is read from */
    JdkExchange(HttpClient client, Duration timeout, ClientStream body, ClientResponse response) {
        this.client = client;
        this.timeout = timeout;
        this.body = body;
        this.response = response;
    }

    /** What the client gets instead of the upstream's response; null where that is through. */
    @Nullable
    ErrorResponse run(HttpRequest asked) throws IOException {
        CompletableFuture<HttpResponse<UpstreamBody>> sent = client.sendAsync(asked, head -> new UpstreamBody());
        try {
            HttpResponse<UpstreamBody> received = await(sent);
            try (UpstreamBody pieces = received.body()) {
                return relay(received, pieces);
            }
        } catch (TimeoutException e) {
            sent.cancel(true);
            return failed(UpstreamFailure.TIMEOUT);
        } catch (ExecutionException e) {
            return failed(failure(e.getCause()));
        } catch (InterruptedException e) {
            sent.cancel(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the upstream");
        }
    }

    /** Waits as long as something moves. */
    private HttpResponse<UpstreamBody> await(CompletableFuture<HttpResponse<UpstreamBody>> sent)
            throws ExecutionException, InterruptedException, TimeoutException {
        while (true) {
            long lastRead = body.lastRead();
            try {
                return sent.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                if (lastRead == body.lastRead()) {
                    throw e;
                }
            }
        }
    }

    private UpstreamFailure failure(@Nullable Throwable problem) {
        if (body.isBroken()) {
            return UpstreamFailure.CLIENT_GONE;
        }
        return problem instanceof HttpConnectTimeoutException ? UpstreamFailure.TIMEOUT : UpstreamFailure.UNAVAILABLE;
    }

    private @Nullable ErrorResponse relay(HttpResponse<UpstreamBody> received, UpstreamBody pieces)
            throws IOException, TimeoutException, InterruptedException {
        if (received.statusCode() < 200) {
            return failed(UpstreamFailure.UNAVAILABLE);
        }
        begun = true;
        OutputStream out = response.begin(received.statusCode(), passedOn(received.headers()));
        for (List<ByteBuffer> piece = pieces.next(timeout); piece != null; piece = pieces.next(timeout)) {
            for (ByteBuffer buffer : piece) {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                out.write(bytes);
            }
            out.flush();
        }
        return null;
    }

    /** The headers that concern the client, too, and not the hop from the upstream alone. */
    private static Map<String, List<String>> passedOn(HttpHeaders headers) {
        Set<String> dropped = HopByHop.headers(headers.allValues("connection"));
        boolean chunked = headers.firstValue("transfer-encoding").isPresent();
        Map<String, List<String>> left = new LinkedHashMap<>();
        headers.map().forEach((name, values) -> {
            // Over HTTP/2 a pseudo-header such as `:status` is among them.
            boolean unframed = chunked && name.equalsIgnoreCase("content-length");
            if (!unframed && !dropped.contains(name.toLowerCase(Locale.ROOT)) && !name.startsWith(":")) {
                left.put(name, values);
            }
        });
        return left;
    }

    /** A response that has begun is broken off, so that the client can't take it for a whole one. */
    private ErrorResponse failed(UpstreamFailure failure) throws IOException {
        // Not whether the server has committed it: for Tomcat it is once a body can't be read.
        if (begun) {
            throw new IOException("the upstream broke off");
        }
        return failure.answer();
    }
}

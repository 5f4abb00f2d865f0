package io.gatepost.servlet;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.forward.HopByHop;
import io.gatepost.policy.forward.RequestBody;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
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
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One request on its way to the upstream and its response on the way back. */
final class Forwarding {
    private final HttpClient client;
    private final Duration timeout;
    private final ClientBody clientBody;
    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private boolean started;

    Forwarding(
            HttpClient client,
            Duration timeout,
            ClientBody clientBody,
            HttpServletRequest request,
            HttpServletResponse response) {
        this.client = client;
        this.timeout = timeout;
        this.clientBody = clientBody;
        this.request = request;
        this.response = response;
    }

    void exchange(HttpRequest asked) throws IOException {
        CompletableFuture<HttpResponse<UpstreamBody>> sent = client.sendAsync(asked, head -> new UpstreamBody());
        try {
            HttpResponse<UpstreamBody> received = await(sent);
            try (UpstreamBody body = received.body()) {
                relay(received, body);
            }
        } catch (TimeoutException e) {
            sent.cancel(true);
            fail(ErrorResponse.of(504, "upstream_timeout", "the upstream did not answer in time"));
        } catch (ExecutionException e) {
            fail(answer(e.getCause()));
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
            long lastRead = clientBody.lastRead();
            try {
                return sent.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                if (lastRead == clientBody.lastRead()) {
                    throw e;
                }
            }
        }
    }

    private ErrorResponse answer(@Nullable Throwable failure) {
        if (clientBody.isBroken()) {
            return RequestBody.broken().response();
        }
        return failure instanceof HttpConnectTimeoutException
                ? ErrorResponse.of(504, "upstream_timeout", "the upstream did not answer in time")
                : ErrorResponse.of(502, "upstream_unavailable", "the upstream can't be reached");
    }

    private void relay(HttpResponse<UpstreamBody> received, UpstreamBody body)
            throws IOException, TimeoutException, InterruptedException {
        if (received.statusCode() < 200) {
            fail(ErrorResponse.of(502, "upstream_unavailable", "the upstream can't be reached"));
            return;
        }
        started = true;
        response.setStatus(received.statusCode());
        copyHeaders(received.headers(), response);
        // The head goes out at once, also where the body's first bytes take their time.
        response.flushBuffer();
        OutputStream out = response.getOutputStream();
        for (List<ByteBuffer> piece = body.next(timeout); piece != null; piece = body.next(timeout)) {
            for (ByteBuffer buffer : piece) {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                out.write(bytes);
            }
            out.flush();
        }
    }

    private static void copyHeaders(HttpHeaders from, HttpServletResponse to) {
        Set<String> dropped = HopByHop.headers(from.allValues("connection"));
        boolean chunked = from.firstValue("transfer-encoding").isPresent();
        from.map().forEach((name, values) -> {
            // Over HTTP/2 a pseudo-header such as `:status` is among them.
            boolean unframed = chunked && name.equalsIgnoreCase("content-length");
            if (!unframed && !dropped.contains(name.toLowerCase(Locale.ROOT)) && !name.startsWith(":")) {
                // The first value replaces what the container has set itself, such as Date.
                to.setHeader(name, values.get(0));
                values.stream().skip(1).forEach(value -> to.addHeader(name, value));
            }
        });
    }

    /** A response that was started is broken off, so that the client can't take it for a whole one. */
    private void fail(ErrorResponse answer) throws IOException {
        // Not whether it is committed: for Tomcat it is once a body can't be read.
        if (started) {
            throw new IOException("the upstream broke off");
        }
        Responses.send(request, response, answer);
    }
}

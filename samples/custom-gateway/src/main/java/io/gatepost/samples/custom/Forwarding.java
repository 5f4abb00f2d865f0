package io.gatepost.samples.custom;

import io.gatepost.policy.Decision;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.forward.ForwardedRequest;
import io.gatepost.policy.forward.HopByHop;
import io.gatepost.policy.forward.RejectedRequestException;
import io.gatepost.policy.forward.RequestBody;
import io.gatepost.policy.forward.Upstream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;

/** What this gateway does with a request that was allowed: sends it to an upstream over the JDK's client. */
record Forwarding(Upstream upstream, HttpClient client) {
    private static final ErrorResponse UNSENDABLE =
            ErrorResponse.of(400, "invalid_request", "the request can't be sent on as it is");
    private static final ErrorResponse UNREACHABLE =
            ErrorResponse.of(502, "upstream_unavailable", "the upstream can't be reached");

    /** What the gateway answers itself; null where the upstream has answered. */
    @Nullable
    ErrorResponse forward(JettyRequest judged, Decision.Allow allowed, WholeBody body, Response response)
            throws IOException, RejectedRequestException {
        if (HopByHop.isWebSocket(judged.method(), judged.headers("upgrade"))) {
            return HopByHop.NO_WEBSOCKET;
        }
        ClientBody stream = new ClientBody(Content.Source.asInputStream(judged.request()));
        try {
            HttpRequest sent = upstream.changesBody()
                    ? withModel(judged, allowed, body)
                    : toUpstream(judged, allowed, publisher(judged, body, stream), false);
            relay(client.send(sent, BodyHandlers.ofInputStream()), response);
            return null;
        } catch (IllegalArgumentException e) {
            return UNSENDABLE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the upstream");
        } catch (IOException e) {
            if (response.isCommitted()) {
                throw e;
            }
            return stream.isBroken() ? RequestBody.broken().response() : UNREACHABLE;
        }
    }

    private HttpRequest withModel(JettyRequest judged, Decision.Allow allowed, WholeBody body)
            throws RejectedRequestException {
        byte[] came = body.receive().join();
        if (came.length == 0) {
            return toUpstream(judged, allowed, BodyPublishers.noBody(), false);
        }
        byte[] decoded = body.read().join();
        byte[] sent = upstream.bodyToForward(judged, decoded);
        boolean changed = sent != decoded;
        return toUpstream(judged, allowed, BodyPublishers.ofByteArray(changed ? sent : came), changed);
    }

    private static BodyPublisher publisher(JettyRequest judged, WholeBody body, ClientBody stream) {
        if (body.isRead()) {
            return BodyPublishers.ofByteArray(body.receive().join());
        }
        Request request = judged.request();
        long length = request.getLength();
        if (length == 0 || (length < 0 && !request.getHeaders().contains("Transfer-Encoding"))) {
            return BodyPublishers.noBody();
        }
        BodyPublisher publisher = BodyPublishers.ofInputStream(() -> stream);
        return length < 0 ? publisher : BodyPublishers.fromPublisher(publisher, length);
    }

    private HttpRequest toUpstream(JettyRequest judged, Decision.Allow allowed, BodyPublisher body, boolean changed)
            throws RejectedRequestException {
        ForwardedRequest asItCame = upstream.forward(judged, allowed);
        ForwardedRequest forwarded = changed ? asItCame.withoutContentEncoding() : asItCame;
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(upstream.base() + ascii(forwarded.target())))
                .method(judged.method(), body);
        forwarded.headers().forEach((name, values) -> {
            // The client writes the base's own authority, which is the same.
            if (!name.equalsIgnoreCase("host")) {
                values.forEach(value -> builder.header(name, ascii(value)));
            }
        });
        return builder.build();
    }

    /** The client would write a question mark for the rest, which is not what rules have judged. */
    private static String ascii(String value) {
        if (value.chars().anyMatch(c -> c > 0x7e)) {
            throw new IllegalArgumentException("a character outside ASCII");
        }
        return value;
    }

    private static void relay(HttpResponse<InputStream> received, Response response) throws IOException {
        Set<String> dropped = HopByHop.headers(received.headers().allValues("connection"));
        response.setStatus(received.statusCode());
        received.headers().map().forEach((name, values) -> {
            if (!dropped.contains(name.toLowerCase(Locale.ROOT))) {
                // One line for each value: Set-Cookie can't be joined.
                response.getHeaders().remove(name);
                values.forEach(value -> response.getHeaders().add(name, value));
            }
        });
        try (InputStream body = received.body()) {
            OutputStream out = Content.Sink.asOutputStream(response);
            // The head goes out at once, also where the body's first bytes take their time.
            out.flush();
            byte[] piece = new byte[16 * 1024];
            for (int count = body.read(piece); count >= 0; count = body.read(piece)) {
                out.write(piece, 0, count);
                out.flush();
            }
        }
    }
}

package io.gatepost.policy.forward.jdk;

import io.gatepost.policy.Decision;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.forward.ForwardedRequest;
import io.gatepost.policy.forward.HopByHop;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RejectedRequestException;
import io.gatepost.policy.forward.RequestBody;
import io.gatepost.policy.forward.Upstream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests on to one upstream over HTTP/1.1 and streams its responses back, piece by piece as they come. Occupies
 * the request's thread until the response is through. WebSockets are not forwarded. On Java before 20 an upstream that
 * sends 102 or 103 before its answer is answered with 502, since the JDK's client takes those for the answer.
 * Thread-safe.
 */
public final class JdkForwarder implements AutoCloseable {
    private static final Duration RESPONSE_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final ErrorResponse UNSENDABLE =
            ErrorResponse.of(400, "invalid_request", "the request can't be sent on as it is");

    private final Upstream upstream;
    private final Duration responseTimeout;
    private final ExecutorService threads = Executors.newCachedThreadPool(JdkForwarder::thread);
    private final HttpClient client;

    private JdkForwarder(Builder builder) {
        upstream = builder.upstream;
        responseTimeout = builder.responseTimeout;
        HttpClient.Builder making = HttpClient.newBuilder()
                .executor(threads)
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(builder.connectTimeout);
        if (upstream.tls() != null) {
            making.sslContext(upstream.tls());
        }
        client = making.build();
    }

    /**
     * Starts a forwarder.
     *
     * @param upstream where to, and what changes on the way
     * @return a builder with the default timeouts
     * @throws IllegalArgumentException where the upstream's certificate must have another name than its base, which the
     *     JDK's HTTP client can't check
     */
    public static Builder builder(Upstream upstream) {
        return new Builder(upstream);
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "llm-forwarding");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Sends a request on, and its response back.
     *
     * @param request the request as it was judged
     * @param allowed what the last policy in front of it said; null where none has judged it
     * @param body its body as it came
     * @param bodyLimit how long a body may be that may name a model and meets an upstream with a model of its own, in
     *     bytes, before and after its encoding is removed
     * @param response where the upstream's response goes
     * @return what the server has to answer itself, since nothing of the response has begun: 400, 501, 502 or 504; null
     *     where the response is through
     * @throws RejectedRequestException where the request, or its body, can't be sent on as it is; nothing has begun
     * @throws IOException where a response that has begun must be broken off, since the upstream broke off or the
     *     client is gone; where the thread is interrupted
     */
    public @Nullable ErrorResponse forward(
            PolicyRequest request,
            Decision.@Nullable Allow allowed,
            ClientBody body,
            int bodyLimit,
            ClientResponse response)
            throws RejectedRequestException, IOException {
        if (HopByHop.isWebSocket(request.method(), request.headers("upgrade"))) {
            return HopByHop.NO_WEBSOCKET;
        }
        ClientStream stream = new ClientStream(body.stream());
        HttpRequest asked = upstream.changesBody()
                ? withModel(request, allowed, RequestBody.read(stream, body.length(), bodyLimit), bodyLimit)
                : asked(request, allowed, publisher(stream, body.length()), false);
        return asked == null ? UNSENDABLE : new JdkExchange(client, responseTimeout, stream, response).run(asked);
    }

    private @Nullable HttpRequest withModel(
            PolicyRequest request, Decision.@Nullable Allow allowed, byte[] came, int limit)
            throws RejectedRequestException {
        if (came.length == 0) {
            return asked(request, allowed, BodyPublishers.noBody(), false);
        }
        byte[] decoded = RequestBody.decode(came, request.headers("content-encoding"), limit);
        byte[] sent = upstream.bodyToForward(request, decoded);
        boolean changed = sent != decoded;
        return asked(request, allowed, BodyPublishers.ofByteArray(changed ? sent : came), changed);
    }

    private static BodyPublisher publisher(ClientStream body, long length) throws IOException, RejectedBodyException {
        if (length == 0 || (length < 0 && isEmpty(body))) {
            return BodyPublishers.noBody();
        }
        BodyPublisher stream = BodyPublishers.ofInputStream(() -> body);
        return length < 0 ? stream : BodyPublishers.fromPublisher(stream, length);
    }

    private static boolean isEmpty(ClientStream body) throws IOException, RejectedBodyException {
        try {
            return body.isEmpty();
        } catch (RuntimeException e) {
            if (body.isBroken()) {
                throw RequestBody.broken();
            }
            throw e;
        }
    }

    /** Null where a target or a header can't be written as it came. */
    private @Nullable HttpRequest asked(
            PolicyRequest request, Decision.@Nullable Allow allowed, BodyPublisher body, boolean changed)
            throws RejectedRequestException {
        ForwardedRequest asItCame = upstream.forward(request, allowed);
        ForwardedRequest forwarded = changed ? asItCame.withoutContentEncoding() : asItCame;
        try {
            HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(upstream.base() + forwarded.target()))
                    .method(request.method(), body);
            forwarded.headers().forEach((name, values) -> {
                // The client writes the base's own authority, which is the same.
                if (!name.equalsIgnoreCase("host")) {
                    values.forEach(value -> builder.header(name, ascii(value)));
                }
            });
            return builder.build();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The JDK's client would write a question mark for the rest, which is not what rules have judged. */
    private static String ascii(String value) {
        if (value.chars().anyMatch(c -> c > 0x7e)) {
            throw new IllegalArgumentException("a character outside ASCII");
        }
        return value;
    }

    /** Gives back the threads that the client uses, once the requests under way have ended. */
    @Override
    public void close() {
        threads.shutdown();
    }

    /** A forwarder in the making. Not thread-safe. */
    public static final class Builder {
        private final Upstream upstream;
        private Duration responseTimeout = RESPONSE_TIMEOUT;
        private Duration connectTimeout = CONNECT_TIMEOUT;

        private Builder(Upstream upstream) {
            this.upstream = Objects.requireNonNull(upstream, "upstream");
            String name = upstream.serverName();
            if (name != null && !name.equalsIgnoreCase(upstream.base().getHost())) {
                throw new IllegalArgumentException("serverName: expected the host of the upstream's base, since the"
                        + " JDK's HTTP client checks a certificate against that");
            }
        }

        /**
         * Sets how long nothing may come from the upstream or be taken by it; ten minutes otherwise.
         *
         * @param timeout positive
         * @return this
         */
        public Builder responseTimeout(Duration timeout) {
            responseTimeout = positive(timeout);
            return this;
        }

        /**
         * Sets how long a connection to the upstream may take; ten seconds otherwise.
         *
         * @param timeout positive
         * @return this
         */
        public Builder connectTimeout(Duration timeout) {
            connectTimeout = positive(timeout);
            return this;
        }

        private static Duration positive(Duration timeout) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException("a timeout is positive");
            }
            return timeout;
        }

        /**
         * Builds the forwarder.
         *
         * @return a forwarder; to be closed
         */
        public JdkForwarder build() {
            return new JdkForwarder(this);
        }
    }
}

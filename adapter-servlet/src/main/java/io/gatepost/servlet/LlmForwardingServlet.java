package io.gatepost.servlet;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.forward.ForwardedRequest;
import io.gatepost.policy.forward.HopByHop;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RejectedRequestException;
import io.gatepost.policy.forward.RequestBody;
import io.gatepost.policy.forward.Upstream;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Collections;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Sends requests on to an LLM upstream over HTTP/1.1 and streams its responses back, piece by piece as they come. Put
 * it behind a {@link PolicyFilter}. An upstream that can't be reached is answered with 502, one that is silent for too
 * long with 504, both in OpenAI's error shape. One that breaks off within a response breaks off the client's too: the
 * servlet throws an {@code IOException} then, upon which Jetty and Tomcat close the connection; Undertow's servlet
 * container needs an exception handler in its {@code DeploymentInfo} that does. A client that goes away takes its
 * request to the upstream with it as soon as a write to it fails. WebSockets are not forwarded: a request that is
 * allowed and asks for one is answered with 501. On Java before 20 an upstream that sends 102 or 103 before its answer
 * is answered with 502, since the JDK's HTTP client takes those for the answer. Occupies the request's thread until the
 * response is through. Thread-safe.
 */
public final class LlmForwardingServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Duration RESPONSE_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final transient Upstream upstream;
    private final transient Duration responseTimeout;
    private final int bodyLimit;
    private final transient ExecutorService threads = Executors.newCachedThreadPool(LlmForwardingServlet::thread);
    private final transient HttpClient client;

    private LlmForwardingServlet(Builder builder) {
        upstream = builder.upstream;
        responseTimeout = builder.responseTimeout;
        bodyLimit = builder.bodyLimit;
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
     * Forwards to an upstream, with the default timeouts.
     *
     * @param upstream where to, and what changes on the way
     * @return a servlet
     * @throws IllegalArgumentException as {@link #builder}
     */
    public static LlmForwardingServlet to(Upstream upstream) {
        return builder(upstream).build();
    }

    /**
     * Starts a servlet.
     *
     * @param upstream where to, and what changes on the way
     * @return a builder with the defaults
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

    /** Gives back the threads that the client used. */
    @Override
    public void destroy() {
        threads.shutdown();
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getDispatcherType() == DispatcherType.ERROR) {
            Responses.send(request, response, refusal(request));
            return;
        }
        if (HopByHop.isWebSocket(request.getMethod(), Collections.list(request.getHeaders("Upgrade")))) {
            Responses.send(request, response, HopByHop.NO_WEBSOCKET);
            return;
        }
        try {
            ClientBody body = new ClientBody(request.getInputStream());
            HttpRequest asked =
                    upstream.changesBody() ? readAndAsked(request) : asked(request, publisher(request, body), false);
            new Forwarding(client, responseTimeout, body, request, response).exchange(asked);
        } catch (RejectedRequestException e) {
            Responses.send(request, response, e.response());
        } catch (UnsendableRequestException e) {
            Responses.send(
                    request,
                    response,
                    ErrorResponse.of(400, "invalid_request", "the request can't be sent on as it is"));
        }
    }

    /** A container's own error page, which a mapping to all paths takes too: nothing that the client asked for. */
    private static ErrorResponse refusal(HttpServletRequest request) {
        int status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer told ? told : 500;
        return status < 500
                ? ErrorResponse.of(status, "request_refused", "the server does not take this request")
                : ErrorResponse.of(status, "internal_error", "the request could not be answered");
    }

    private HttpRequest readAndAsked(HttpServletRequest request)
            throws RejectedRequestException, UnsendableRequestException {
        int limit = bodyLimit > 0 ? bodyLimit : PolicyFilter.bodyLimit(request);
        RequestBytes body = RequestBytes.read(request, limit);
        byte[] came = body.asTheyCame();
        if (came.length == 0) {
            return asked(request, BodyPublishers.noBody(), false);
        }
        byte[] decoded = body.decoded(limit);
        byte[] sent = upstream.bodyToForward(new ServletPolicyRequest(request), decoded);
        boolean changed = sent != decoded;
        return asked(request, BodyPublishers.ofByteArray(changed ? sent : came), changed);
    }

    private BodyPublisher publisher(HttpServletRequest request, ClientBody body)
            throws IOException, RejectedBodyException {
        long length = request.getContentLengthLong();
        if (length == 0 || (length < 0 && isEmpty(body))) {
            return BodyPublishers.noBody();
        }
        BodyPublisher stream = BodyPublishers.ofInputStream(() -> body);
        return length < 0 ? stream : BodyPublishers.fromPublisher(stream, length);
    }

    private static boolean isEmpty(ClientBody body) throws IOException, RejectedBodyException {
        try {
            return body.isEmpty();
        } catch (RuntimeException e) {
            if (body.isBroken()) {
                throw RequestBody.broken();
            }
            throw e;
        }
    }

    private HttpRequest asked(HttpServletRequest request, BodyPublisher body, boolean changed)
            throws RejectedRequestException, UnsendableRequestException {
        PolicyRequest judged = new ServletPolicyRequest(request);
        ForwardedRequest asItCame = upstream.forward(judged, PolicyFilter.allowed(request));
        ForwardedRequest forwarded = changed ? asItCame.withoutContentEncoding() : asItCame;
        try {
            HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(upstream.base() + forwarded.target()))
                    .method(request.getMethod(), body);
            forwarded.headers().forEach((name, values) -> {
                // The client writes the base's own authority, which is the same.
                if (!name.equalsIgnoreCase("host")) {
                    values.forEach(value -> builder.header(name, ascii(value)));
                }
            });
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new UnsendableRequestException();
        }
    }

    /** The JDK's client would write a question mark for the rest, which is not what rules have judged. */
    private static String ascii(String value) {
        if (value.chars().anyMatch(c -> c > 0x7e)) {
            throw new IllegalArgumentException("a character outside ASCII");
        }
        return value;
    }

    /** A target or header that can't be written as it came. */
    private static final class UnsendableRequestException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** A servlet in the making. Not thread-safe. */
    public static final class Builder {
        private final Upstream upstream;
        private Duration responseTimeout = RESPONSE_TIMEOUT;
        private Duration connectTimeout = CONNECT_TIMEOUT;
        private int bodyLimit;

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

        /**
         * Sets how large a body may be that may name a model and meets an upstream with a model of its own; otherwise
         * as large as the last {@link PolicyFilter} in front lets bodies be that rules judge.
         *
         * @param bytes positive; before and after the body's encoding is removed
         * @return this
         */
        public Builder bodyLimit(int bytes) {
            bodyLimit = PolicyFilter.positive(bytes);
            return this;
        }

        private static Duration positive(Duration timeout) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException("a timeout is positive");
            }
            return timeout;
        }

        /**
         * Builds the servlet.
         *
         * @return a servlet
         */
        public LlmForwardingServlet build() {
            return new LlmForwardingServlet(this);
        }
    }
}

package io.gatepost.servlet;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.forward.RejectedRequestException;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.policy.forward.jdk.ClientBody;
import io.gatepost.policy.forward.jdk.JdkForwarder;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;

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

    private final int bodyLimit;
    private final transient JdkForwarder forwarder;

    private LlmForwardingServlet(Builder builder) {
        bodyLimit = builder.bodyLimit;
        forwarder = builder.forwarder.build();
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

    /** Gives back the threads that the client used. */
    @Override
    public void destroy() {
        forwarder.close();
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getDispatcherType() == DispatcherType.ERROR) {
            Responses.send(request, response, refusal(request));
            return;
        }
        int limit = bodyLimit > 0 ? bodyLimit : PolicyFilter.bodyLimit(request);
        ClientBody body = new ClientBody(request.getInputStream(), request.getContentLengthLong());
        try {
            ErrorResponse own = forwarder.forward(
                    new ServletPolicyRequest(request),
                    PolicyFilter.allowed(request),
                    body,
                    limit,
                    (status, headers) -> begin(response, status, headers));
            if (own != null) {
                Responses.send(request, response, own);
            }
        } catch (RejectedRequestException e) {
            Responses.send(request, response, e.response());
        }
    }

    private static OutputStream begin(HttpServletResponse response, int status, Map<String, List<String>> headers)
            throws IOException {
        response.setStatus(status);
        headers.forEach((name, values) -> {
            response.setHeader(name, values.get(0));
            values.stream().skip(1).forEach(value -> response.addHeader(name, value));
        });
        response.flushBuffer();
        return response.getOutputStream();
    }

    /** A container's own error page, which a mapping to all paths takes too: nothing that the client asked for. */
    private static ErrorResponse refusal(HttpServletRequest request) {
        int status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer told ? told : 500;
        return status < 500
                ? ErrorResponse.of(status, "request_refused", "the server does not take this request")
                : ErrorResponse.of(status, "internal_error", "the request could not be answered");
    }

    /** A servlet in the making. Not thread-safe. */
    public static final class Builder {
        private final JdkForwarder.Builder forwarder;
        private int bodyLimit;

        private Builder(Upstream upstream) {
            forwarder = JdkForwarder.builder(upstream);
        }

        /**
         * Sets how long nothing may come from the upstream or be taken by it; ten minutes otherwise.
         *
         * @param timeout positive
         * @return this
         */
        public Builder responseTimeout(Duration timeout) {
            forwarder.responseTimeout(timeout);
            return this;
        }

        /**
         * Sets how long a connection to the upstream may take; ten seconds otherwise.
         *
         * @param timeout positive
         * @return this
         */
        public Builder connectTimeout(Duration timeout) {
            forwarder.connectTimeout(timeout);
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

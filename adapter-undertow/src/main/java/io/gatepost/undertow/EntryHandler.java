package io.gatepost.undertow;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RequestSyntax;
import io.gatepost.policy.RequestTarget;
import io.gatepost.policy.forward.Client;
import io.gatepost.policy.forward.TrustedProxies;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.Protocols;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Comes first and sees to it that everybody behind reads one and the same request. What has two readings is answered
 * with 400 and the end of the connection: targets, hosts and lengths of bodies (RFC 9112 sections 3.2, 6 and 7). Who
 * the client is, source address, scheme and host, is settled by the connection or by a trusted proxy in front; the
 * exchange says so afterwards, and its {@code X-Forwarded-*} and {@code Forwarded} headers are those that an upstream
 * will get, whatever the client sent. Immutable and thread-safe.
 */
public final class EntryHandler implements HttpHandler {
    /** How long a body may be that is only passed on, in bytes. */
    public static final long MAX_BODY = 1L << 30;

    /** How long nothing of a body may come while somebody waits for it. */
    public static final Duration BODY_TIMEOUT = Duration.ofSeconds(60);

    /** What says where a request ends and whom it is for: it is read here, and goes on in the gateway's own words. */
    private static final Set<HttpString> OF_THIS_HOP = Set.of(
            Headers.AUTHORIZATION,
            Headers.CONTENT_LENGTH,
            Headers.HOST,
            Headers.TE,
            Headers.TRAILER,
            Headers.TRANSFER_ENCODING,
            Headers.UPGRADE);

    /** An upstream that echoes a request (RFC 9110 section 9.3.8) would show what the gateway added to it. */
    private static final Set<HttpString> REFUSED = Set.of(Methods.TRACE, Methods.CONNECT);

    private static final String ALLOWED = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    private final TrustedProxies proxies;
    private final HttpHandler next;
    private final long maxBody;
    private final Duration bodyTimeout;

    /**
     * Lets requests in.
     *
     * @param proxies whose headers are believed
     * @param next what gets the request then
     */
    public EntryHandler(TrustedProxies proxies, HttpHandler next) {
        this(proxies, next, MAX_BODY, BODY_TIMEOUT);
    }

    private EntryHandler(TrustedProxies proxies, HttpHandler next, long maxBody, Duration bodyTimeout) {
        this.proxies = Objects.requireNonNull(proxies, "proxies");
        this.next = Objects.requireNonNull(next, "next");
        this.maxBody = maxBody;
        this.bodyTimeout = bodyTimeout;
    }

    /**
     * The same handler with other limits. A body that exceeds one is answered with 413 or 408, and the connection
     * closed; a body in chunks only where the server itself has no smaller limit.
     *
     * @param bytes how long a body may be; {@link #MAX_BODY} otherwise
     * @param timeout how long nothing of it may come while somebody waits for it; {@link #BODY_TIMEOUT} otherwise; the
     *     client is given up after it, and before twice as long
     * @return a new handler
     * @throws IllegalArgumentException where a limit is not positive
     */
    public EntryHandler withBodyLimits(long bytes, Duration timeout) {
        if (bytes <= 0 || timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("a limit is positive");
        }
        return new EntryHandler(proxies, next, bytes, timeout);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        ErrorResponse problem = problem(exchange);
        if (problem != null) {
            exchange.setPersistent(false);
            Responses.send(exchange, problem);
            return;
        }
        WebSocketUpgrade.note(exchange);
        endHop(exchange);
        StrictChunks.guard(exchange);
        BodyLimits.set(exchange, maxBody, bodyTimeout);
        joinCookies(exchange.getRequestHeaders());
        settleClient(exchange);
        next.handleRequest(exchange);
    }

    private @Nullable ErrorResponse problem(HttpServerExchange exchange) {
        if (isUnguarded(exchange)) {
            return ErrorResponse.of(505, "http_version_unsupported", "this server does not take HTTP/2 here");
        }
        String problem = Framing.problem(exchange);
        if (problem == null) {
            problem = Authority.problem(exchange);
        }
        if (problem == null && hasUnescaped(exchange)) {
            problem = "the target has a character that must be encoded there";
        }
        if (problem == null) {
            settlePath(exchange);
            problem = RequestSyntax.problem(new UndertowRequest(exchange));
        }
        if (problem != null) {
            return ErrorResponse.of(400, "request_malformed", problem);
        }
        if (REFUSED.contains(exchange.getRequestMethod())) {
            exchange.getResponseHeaders().put(Headers.ALLOW, ALLOWED);
            return ErrorResponse.of(405, "method_not_allowed", "this method is not served");
        }
        if (exchange.getRequestContentLength() > maxBody) {
            return BodyLimits.tooLarge(maxBody);
        }
        return null;
    }

    /** Undertow's own reader of HTTP/2 adds to a head that was judged what comes after it. */
    private static boolean isUnguarded(HttpServerExchange exchange) {
        return exchange.getProtocol().equals(Protocols.HTTP_2_0)
                && exchange.getConnection().getAttachment(Http2Listener.GUARDED) == null;
    }

    /** What no URI has (RFC 3986 section 2). Undertow's parser of HTTP/1.1 refuses it itself. */
    private static boolean hasUnescaped(HttpServerExchange exchange) {
        return exchange.getProtocol().equals(Protocols.HTTP_2_0)
                && (exchange.getRequestURI() + exchange.getQueryString())
                        .chars()
                        .anyMatch(c -> "\"<>\\^`{|}".indexOf(c) >= 0);
    }

    /** Routes, rules, dispatch and upstream read one path (RFC 3986 section 6.2.2). */
    private static void settlePath(HttpServerExchange exchange) {
        String path = RequestTarget.normalPath(exchange.getRequestURI());
        exchange.setRequestURI(path, false);
        exchange.setRequestPath(path);
        exchange.setRelativePath(path);
    }

    /**
     * What {@code Connection} names ends here (RFC 9110 section 7.6.1), and it itself: a rule that saw it would judge
     * what the upstream does not get, and what is set later could be named as well.
     */
    private static void endHop(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        Collection<String> values = headers.remove(Headers.CONNECTION);
        if (values == null) {
            return;
        }
        for (String named : String.join(",", values).split(",", -1)) {
            HttpString header = HeaderNames.of(named.strip());
            // Undertow knows it only where it stands alone.
            if (header.equals(Headers.CLOSE)) {
                exchange.setPersistent(false);
            }
            if (!OF_THIS_HOP.contains(header)) {
                headers.remove(header);
            }
        }
    }

    /** In HTTP/2 cookies come apart; they go on as one header (RFC 9113 section 8.2.3). */
    private static void joinCookies(HeaderMap headers) {
        HeaderValues cookies = headers.get(Headers.COOKIE);
        if (cookies != null && cookies.size() > 1) {
            headers.put(Headers.COOKIE, String.join("; ", cookies));
        }
    }

    private void settleClient(HttpServerExchange exchange) throws UnknownHostException {
        // In HTTP/2 the scheme is what the client says it is.
        exchange.setRequestScheme(exchange.getConnection().getSslSessionInfo() == null ? "http" : "https");
        PolicyRequest request = new UndertowRequest(exchange);
        Client client = proxies.clientOf(request);
        HeaderMap headers = exchange.getRequestHeaders();
        for (String name : request.headerNames()) {
            if (Client.isToldBy(name)) {
                headers.remove(name);
            }
        }
        client.headers().forEach((name, value) -> headers.put(HeaderNames.of(name), value));
        if (!client.address().equals(request.sourceAddress())) {
            exchange.setSourceAddress(address(client.address()));
        }
        if (!client.host().equals(request.host())) {
            headers.put(Headers.HOST, client.host());
        }
        exchange.setRequestScheme(client.scheme());
    }

    /** Of a client behind a proxy the port is not known. */
    private static InetSocketAddress address(String address) throws UnknownHostException {
        return address.isEmpty()
                ? InetSocketAddress.createUnresolved("", 0)
                : new InetSocketAddress(InetAddress.getByName(address), 0);
    }
}

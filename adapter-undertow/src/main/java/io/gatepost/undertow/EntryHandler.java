package io.gatepost.undertow;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.forward.EnteredRequest;
import io.gatepost.policy.forward.Entry;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.request.RequestTarget;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Protocols;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
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
    public static final long MAX_BODY = Entry.MAX_BODY;

    /** How long nothing of a body may come while somebody waits for it. */
    public static final Duration BODY_TIMEOUT = Duration.ofSeconds(60);

    /** What says that a request's client is settled, and keeps its address as a text. */
    static final AttachmentKey<Source> ENTERED = AttachmentKey.create(Source.class);

    /** An address as the exchange has it, and the same as a text, which would be made for each who asks. */
    record Source(@Nullable InetSocketAddress address, String text) {}

    private final Entry entry;
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
        this(new Entry(proxies), next, MAX_BODY, BODY_TIMEOUT);
    }

    private EntryHandler(Entry entry, HttpHandler next, long maxBody, Duration bodyTimeout) {
        this.entry = entry;
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
        return new EntryHandler(entry.withBodyLimit(bytes), next, bytes, timeout);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        ErrorResponse problem = problem(exchange);
        if (problem != null) {
            exchange.setPersistent(false);
            Exchanges.send(exchange, problem);
            return;
        }
        WebSocketUpgrade.note(exchange);
        StrictChunks.guard(exchange);
        BodyLimits.set(exchange, maxBody, bodyTimeout);
        settle(exchange);
        next.handleRequest(exchange);
    }

    private @Nullable ErrorResponse problem(HttpServerExchange exchange) {
        if (isUnguarded(exchange)) {
            return ErrorResponse.of(505, "http_version_unsupported", "this server does not take HTTP/2 here");
        }
        String problem = Authority.problem(exchange);
        if (problem != null) {
            return malformed(problem);
        }
        settlePath(exchange);
        ErrorResponse refusal = entry.refusal(new UndertowRequest(exchange));
        return refusal == null && Framing.isBodyMissing(exchange)
                ? malformed("the body is missing that Content-Length announces")
                : refusal;
    }

    private static ErrorResponse malformed(String problem) {
        return ErrorResponse.of(400, "request_malformed", problem);
    }

    /** Undertow's own reader of HTTP/2 adds to a head that was judged what comes after it. */
    private static boolean isUnguarded(HttpServerExchange exchange) {
        return exchange.getProtocol().equals(Protocols.HTTP_2_0)
                && exchange.getConnection().getAttachment(Http2Listener.GUARDED) == null;
    }

    /** Routes, rules, dispatch and upstream read one path (RFC 3986 section 6.2.2). */
    private static void settlePath(HttpServerExchange exchange) {
        String path = RequestTarget.normalPath(exchange.getRequestURI());
        exchange.setRequestURI(path, false);
        exchange.setRequestPath(path);
        exchange.setRelativePath(path);
    }

    /** Writes into the exchange what is settled of the request, so that no handler has to know. */
    private void settle(HttpServerExchange exchange) throws UnknownHostException {
        // In HTTP/2 the scheme is what the client says it is.
        exchange.setRequestScheme(exchange.getConnection().getSslSessionInfo() == null ? "http" : "https");
        HeaderMap headers = exchange.getRequestHeaders();
        endConnection(exchange);
        EnteredRequest settled = entry.settled(new UndertowRequest(exchange));
        String address = settled.sourceAddress();
        String scheme = settled.scheme();
        settled.changedHeaders().forEach((name, values) -> set(headers, name, values));
        InetSocketAddress came = exchange.getSourceAddress();
        boolean same = address.equals(UndertowRequest.text(came));
        InetSocketAddress source = same ? came : address(address);
        exchange.setSourceAddress(source);
        exchange.setRequestScheme(scheme);
        exchange.putAttachment(ENTERED, new Source(source, same ? address : UndertowRequest.text(source)));
    }

    private static void set(HeaderMap headers, String name, List<String> values) {
        HttpString written = HeaderNames.of(name);
        headers.remove(written);
        if (values.size() == 1) {
            headers.put(written, values.get(0));
        } else {
            headers.addAll(written, values);
        }
    }

    /** Undertow knows it only where it stands alone. */
    private static void endConnection(HttpServerExchange exchange) {
        if (WebSocketUpgrade.lists(exchange.getRequestHeaders().get(Headers.CONNECTION), "close")) {
            exchange.setPersistent(false);
        }
    }

    /** Of a client behind a proxy the port is not known. */
    private static InetSocketAddress address(String address) throws UnknownHostException {
        return address.isEmpty()
                ? InetSocketAddress.createUnresolved("", 0)
                : new InetSocketAddress(InetAddress.getByName(address), 0);
    }
}

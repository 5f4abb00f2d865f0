package io.gatepost.policy.forward;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.RequestSyntax;
import io.gatepost.policy.request.RequestTarget;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a gateway takes a request in, before it chooses a route or asks a policy: what has two readings is refused, the
 * hop ends, and who the client is, is settled. Servers and the tools that say what a server would do share it.
 * Immutable and thread-safe.
 */
public final class Entry {
    /** How long a body may be that is only passed on, in bytes. */
    public static final long MAX_BODY = 1L << 30;

    /** The methods that are served. */
    public static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    /** Nobody's headers are believed. */
    public static final Entry DEFAULT = new Entry(TrustedProxies.NONE);

    /** Digits of a number that fits 64 bits with a sign in every implementation. */
    private static final int LONGEST_LENGTH = 18;

    /** Says which methods would do (RFC 9110 section 15.5.6). */
    private static final ErrorResponse NOT_SERVED = ErrorResponse.of(
                    405, "method_not_allowed", "this method is not served")
            .withHeader("Allow", METHODS);

    private static final Pattern STRAY_PERCENT = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private static final int MAX_HEADERS = 200;

    private final TrustedProxies proxies;
    private final Map<String, String> own;
    private final Limits limits;
    private final boolean standsForServer;

    /**
     * An entry with the limits that go without saying.
     *
     * @param proxies whose headers are believed
     */
    public Entry(TrustedProxies proxies) {
        this(proxies, Map.of(), new Limits(Integer.MAX_VALUE, MAX_BODY, RequestBody.DEFAULT_LIMIT), false);
    }

    private Entry(TrustedProxies proxies, Map<String, String> own, Limits limits, boolean standsForServer) {
        this.standsForServer = standsForServer;
        this.proxies = Objects.requireNonNull(proxies, "proxies");
        this.own = own;
        this.limits = limits;
    }

    /** In bytes. */
    private record Limits(int head, long body, int judgedBody) {}

    /**
     * The same entry with another limit for bodies.
     *
     * @param bytes how long a body may be that is passed on; {@link #MAX_BODY} otherwise
     * @return an entry
     */
    public Entry withBodyLimit(long bytes) {
        return new Entry(proxies, own, new Limits(limits.head(), bytes, limits.judgedBody()), standsForServer);
    }

    /**
     * The same entry for tools, which have no server in front of it: refuses as well what the gateway's own server does
     * not take, heads beyond a limit and paths with empty segments.
     *
     * @param bytes how long a head may be, of 200 headers at most; {@link Integer#MAX_VALUE} for any head
     * @return an entry
     */
    public Entry standingForServer(int bytes) {
        return new Entry(proxies, own, new Limits(bytes, limits.body(), limits.judgedBody()), true);
    }

    /**
     * The same entry with another limit for bodies that rules read, for tools: a server has one in its guards.
     *
     * @param bytes how long a body may be, before and after its encoding is removed; {@link RequestBody#DEFAULT_LIMIT}
     *     otherwise
     * @return an entry
     */
    public Entry withJudgedBodyLimit(int bytes) {
        return new Entry(proxies, own, new Limits(limits.head(), limits.body(), bytes), standsForServer);
    }

    /**
     * The same entry with a header that the gateway sets itself, whatever the client sent.
     *
     * @param name the header's name
     * @param value its value
     * @return an entry
     */
    public Entry withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(own);
        more.put(name, value);
        return new Entry(proxies, Map.copyOf(more), limits, standsForServer);
    }

    /**
     * How long a body may be that rules read.
     *
     * @return bytes
     */
    public int judgedBodyLimit() {
        return limits.judgedBody();
    }

    /**
     * Says what of a request is refused here.
     *
     * @param request the request as it came; whether it names a host at all is the server's to see
     * @return the answer: 400, 405 with {@code Allow}, 413 or 431; null for a request that may come in
     */
    public @Nullable ErrorResponse refusal(PolicyRequest request) {
        if (isHeadTooLong(request)) {
            return ErrorResponse.of(
                    431, "request_head_too_long", "the head of the request is longer than is taken here");
        }
        String problem = problemOfCount(request);
        List<String> lengths = request.headers("content-length");
        if (problem == null) {
            problem = problemOfFraming(request, lengths);
        }
        if (problem == null) {
            problem = RequestSyntax.problem(request);
        }
        if (problem == null && encodesNothing(request.query())) {
            problem = "the query has a percent sign that encodes nothing";
        }
        if (problem == null && standsForServer && RequestTarget.hasEmptySegment(request.path())) {
            problem = "the path has an empty segment, which handlers pass over";
        }
        if (problem == null && !isOneHost(request)) {
            problem = "expected one Host header with a valid host, the same as the target's";
        }
        if (problem != null) {
            return malformed(problem).response();
        }
        if (isRefused(request.method())) {
            return NOT_SERVED;
        }
        return lengths.isEmpty() || Long.parseLong(lengths.get(0)) <= limits.body() ? null : tooLarge(limits.body());
    }

    /** An upstream that echoes a request (RFC 9110 section 9.3.8) would show what the gateway added to it. */
    private static boolean isRefused(String method) {
        return method.equalsIgnoreCase("TRACE") || method.equalsIgnoreCase("CONNECT");
    }

    /**
     * A body that is longer than what is passed on.
     *
     * @param bytes the limit
     * @return the answer, 413
     */
    public static ErrorResponse tooLarge(long bytes) {
        return ErrorResponse.of(
                413, "body_too_large", "the body is larger than the " + bytes + " bytes that are sent on");
    }

    /** Where a body ends (RFC 9112 section 6): by one length or by chunks, and never by what only some understand. */
    private static @Nullable String problemOfFraming(PolicyRequest request, List<String> lengths) {
        if (lengths.size() > 1 || (lengths.size() == 1 && !isLength(lengths.get(0)))) {
            return "expected one Content-Length, a number";
        }
        List<String> codings = request.headers("transfer-encoding");
        if (codings.isEmpty()) {
            return null;
        }
        if (!lengths.isEmpty() || !request.version().equals("HTTP/1.1")) {
            return "Transfer-Encoding stands beside Content-Length, or in HTTP/1.0";
        }
        return codings.size() == 1 && codings.get(0).equalsIgnoreCase("chunked")
                ? null
                : "expected no other Transfer-Encoding than `chunked`";
    }

    private static boolean isLength(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= LONGEST_LENGTH;
    }

    private static boolean encodesNothing(@Nullable String query) {
        return query != null
                && query.indexOf('%') >= 0
                && STRAY_PERCENT.matcher(query).find();
    }

    private static boolean isOneHost(PolicyRequest request) {
        List<String> hosts = request.headers("host");
        // Whether the request's own host is one, and there is but one header, is known by then.
        return hosts.isEmpty() || (!hosts.get(0).isEmpty() && hosts.get(0).equalsIgnoreCase(request.host()));
    }

    private boolean isHeadTooLong(PolicyRequest request) {
        if (!looksAtHead()) {
            return false;
        }
        String query = request.query();
        long bytes =
                0L + request.method().length() + request.path().length() + (query == null ? 0 : query.length() + 1);
        for (String name : request.headerNames()) {
            for (String value : request.headers(name)) {
                bytes += name.length() + value.length() + 4;
            }
        }
        return bytes > limits.head();
    }

    /** A server's parser has done it before. */
    private boolean looksAtHead() {
        return standsForServer && limits.head() != Integer.MAX_VALUE;
    }

    private @Nullable String problemOfCount(PolicyRequest request) {
        int count = 0;
        if (looksAtHead()) {
            for (String name : request.headerNames()) {
                count += request.headers(name).size();
            }
        }
        return count > MAX_HEADERS ? "more than " + MAX_HEADERS + " headers" : null;
    }

    /**
     * A request as everybody behind the entry sees it: the path in normal form, without what ended with the hop, with
     * one cookie header, with the client that is believed, and with the {@code X-Forwarded-*} and {@code Forwarded}
     * headers that an upstream will get.
     *
     * @param request a request without a {@link #refusal}
     * @return a view of it
     */
    public EnteredRequest settled(PolicyRequest request) {
        return EnteredRequest.of(request, proxies, own);
    }

    /**
     * Takes a request in.
     *
     * @param request the request as it came
     * @return it, {@link #settled}
     * @throws RefusedRequestException where there is a {@link #refusal}
     */
    public EnteredRequest enter(PolicyRequest request) throws RefusedRequestException {
        check(request);
        return settled(request);
    }

    /**
     * Looks at a request without taking it in.
     *
     * @param request the request as it came
     * @throws RefusedRequestException where there is a {@link #refusal}
     */
    public void check(PolicyRequest request) throws RefusedRequestException {
        ErrorResponse refusal = refusal(request);
        if (refusal != null) {
            throw new RefusedRequestException(refusal);
        }
    }

    /**
     * What is no request at all.
     *
     * @param problem what is wrong, without any of the request's text
     * @return an exception with status 400
     */
    public static RefusedRequestException malformed(String problem) {
        return new RefusedRequestException(ErrorResponse.of(400, "request_malformed", problem));
    }
}

package io.gatepost.policy.request;

import io.gatepost.policy.PolicyRequest;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What a request may consist of (RFC 9110 sections 5 and 9, RFC 9112 section 3, RFC 9113 section 8). A server that
 * reads HTTP/2 may let anything into a name or a value, and a line break in either is a second request to an upstream
 * that speaks HTTP/1.1. The engine asks for every request, whatever adapter brings it; a gateway asks before it chooses
 * a route, and whoever forwards asks again of what it writes.
 */
public final class RequestSyntax {
    private static final boolean[] TOKEN = new boolean[0x80];
    private static final boolean[] OF_VALUE = new boolean[0x100];
    private static final BiPredicate<String, String> WELL_FORMED =
            (name, value) -> isToken(name) && isFieldValue(value);
    private static final int DELETE = 0x7f;

    static {
        for (char c = 0x21; c < DELETE; c++) {
            TOKEN[c] = "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
        }
        for (char c = ' '; c < OF_VALUE.length; c++) {
            OF_VALUE[c] = c != DELETE;
        }
        OF_VALUE['\t'] = true;
    }

    private RequestSyntax() {}

    /**
     * Says what of a request is none: its method, target, host, or a header's name or value.
     *
     * @param request the request as it came
     * @return what is wrong, without any of the request's text; null for a request that every server reads alike
     */
    public static @Nullable String problem(PolicyRequest request) {
        String problem = problemOfLine(request);
        if (problem == null && !request.everyHeader(WELL_FORMED)) {
            problem = problemOfHeaders(request);
        }
        return problem == null ? request.problem() : problem;
    }

    /**
     * Says what of a request's method, host or target is none, for a request whose headers are known to be well-formed.
     *
     * @param request the request as it came
     * @return as {@link #problem}, but for the names and values of headers
     */
    public static @Nullable String problemOfTarget(PolicyRequest request) {
        String problem = problemOfLine(request);
        return problem == null ? request.problem() : problem;
    }

    private static @Nullable String problemOfLine(PolicyRequest request) {
        if (!isToken(request.method())) {
            return "the method is no token";
        }
        String problem = problemOfHost(request);
        if (problem == null) {
            problem = RequestTarget.problem(request.path());
        }
        return problem == null ? RequestTarget.problemOfQuery(request.query()) : problem;
    }

    /** One host, in one spelling or in none: which of two counts would be a guess. */
    private static @Nullable String problemOfHost(PolicyRequest request) {
        String host = request.host();
        if (!host.isEmpty() && !RequestTarget.isHost(host)) {
            return "the host is none";
        }
        List<String> headers = request.headers("host");
        if (headers.size() > 1) {
            return "the request names two hosts";
        }
        return headers.isEmpty() || RequestTarget.isSameHost(headers.get(0), host)
                ? null
                : "the Host header names another host than the target";
    }

    /** Of the first header that is not well-formed. */
    private static String problemOfHeaders(PolicyRequest request) {
        String value = "a header's value has a line break, a control character, a blank at an end or a character beyond"
                + " an octet";
        for (String name : request.headerNames()) {
            if (!isToken(name)) {
                return "a header's name is no token";
            }
            if (!request.headers(name).stream().allMatch(RequestSyntax::isFieldValue)) {
                return value;
            }
        }
        return value;
    }

    /**
     * Whether a text is a token (RFC 9110 section 5.6.2): a method, a header's name.
     *
     * @param text the text
     * @return false for an empty one
     */
    public static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= TOKEN.length || !TOKEN[c]) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /**
     * Whether a text is a header's value (RFC 9110 section 5.5): octets, without control characters but tabs, and
     * without blanks at its ends.
     *
     * @param text the value, an octet a character
     * @return true for an empty one
     */
    public static boolean isFieldValue(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= OF_VALUE.length || !OF_VALUE[c]) {
                return false;
            }
        }
        return text.isEmpty() || !(isBlank(text.charAt(0)) || isBlank(text.charAt(text.length() - 1)));
    }

    /** What a server takes for the value (RFC 9110 section 5.5). */
    static String withoutBlanksAtEnds(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isBlank(text.charAt(start))) {
            start++;
        }
        while (start < end && isBlank(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /**
     * A request in its one reading, for routers and forwarders without an engine in front: the path in normal form
     * ({@link RequestTarget#normalPath}), and without the headers that {@code Connection} names, which end with this
     * hop (RFC 9110 section 7.6.1). The engine judges by the same.
     *
     * @param request a request without a {@link #problem}
     * @return a view of it
     */
    public static PolicyRequest normalized(PolicyRequest request) {
        return JudgedRequest.of(request);
    }
}

package io.gatepost.samples.gateway.server;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.forward.Client;
import io.gatepost.policy.forward.HopByHop;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.request.RequestBuilder;
import io.gatepost.policy.request.RequestSyntax;
import io.gatepost.policy.request.RequestTarget;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The request that a proxy asks about, out of the headers in which it describes it. */
final class OriginalRequest {
    private static final Pattern SCHEME = Pattern.compile("https?");
    private static final Pattern ADDRESS =
            Pattern.compile("(?<plain>[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)"
                    + "|(?<four>[0-9.]{7,15}):[0-9]{1,5}|\\[(?<six>[0-9A-Fa-f:.]{2,45})](?::[0-9]{1,5})?");
    /** An IPv6 address in brackets with a port; the pattern's work grows with more than the length. */
    private static final int MAX_ADDRESS = 53;

    /** Of the check itself, not of what it asks about. */
    private static final Set<String> OF_THE_CHECK = Stream.concat(
                    Stream.of("host", "content-length", "expect"), HopByHop.headers(List.of()).stream())
            .collect(Collectors.toUnmodifiableSet());

    /** The description is missing, has two readings or is none; says what and never quotes it. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String problem) {
            super(problem);
        }

        String problem() {
            return String.valueOf(getMessage());
        }
    }

    private final RequestBuilder builder;
    private final PolicyRequest request;

    private OriginalRequest(RequestBuilder builder) throws MalformedException {
        this.builder = builder;
        request = builder.build();
        String problem = RequestSyntax.problem(request);
        if (problem != null) {
            throw new MalformedException(problem);
        }
    }

    /** The request to route, without a body, as the gateway's own port sees it. */
    PolicyRequest request() {
        return RequestSyntax.normalized(request);
    }

    /** The request to judge: the same once a route was chosen. */
    PolicyRequest on(String route) {
        return RequestSyntax.normalized(builder.route(route).build());
    }

    /**
     * Reads {@code X-Forwarded-Method}, {@code -Host}, {@code -Uri}, {@code -Proto} and {@code -For}, or the same as
     * {@code X-Original-*}. The client is the last one of {@code -For}, which is the proxy's own word; what stands
     * before it counts where that one is trusted too. What concerned the hop to the proxy only, such as headers that
     * {@code Connection} names, is no part of it.
     *
     * @param check the proxy's request
     * @param proxies the proxies in front of that one
     * @return the request, the other headers as in the check
     * @throws MalformedException where the description does not say one thing
     */
    static OriginalRequest of(PolicyRequest check, TrustedProxies proxies) throws MalformedException {
        String method = valid("Method", RequestSyntax::isToken, required(check, "Method"));
        if (method.equals("TRACE") || method.equals("CONNECT")) {
            throw new MalformedException("TRACE and CONNECT are not allowed");
        }
        if (HopByHop.headers(check.headers("Connection")).stream().anyMatch(OriginalRequest::describes)) {
            throw new MalformedException("Connection names a header that describes the request");
        }
        String host = withoutFinalDot(valid("Host", RequestTarget::isHost, required(check, "Host")));
        String proto = told(check, "Proto");
        String scheme =
                proto == null ? "http" : valid("Proto", SCHEME.asMatchPredicate(), proto.toLowerCase(Locale.ROOT));
        String origin = scheme + "://" + host;
        Client client = client(check, origin, proxies);
        RequestBuilder original = PolicyRequest.builder(method, origin + target(required(check, "Uri")))
                .source(client.address(), 0)
                .header("Host", host);
        PolicyRequest ended = RequestSyntax.normalized(check);
        for (String name : ended.headerNames()) {
            if (!describes(name) && !OF_THE_CHECK.contains(name.toLowerCase(Locale.ROOT))) {
                ended.headers(name).forEach(value -> original.header(name, value));
            }
        }
        client.headers().forEach(original::header);
        return new OriginalRequest(original);
    }

    private static boolean describes(String name) {
        return Client.isToldBy(name) || name.toLowerCase(Locale.ROOT).startsWith("x-original-");
    }

    /** A name with its final dot is the same name (RFC 1034 section 3.1), and meets the same policies. */
    private static String withoutFinalDot(String host) {
        String name = RequestTarget.hostName(host);
        return name.endsWith(".") ? name.substring(0, name.length() - 1) + host.substring(name.length()) : host;
    }

    private static String target(String uri) throws MalformedException {
        int mark = uri.indexOf('?');
        String path = mark < 0 ? uri : uri.substring(0, mark);
        String query = mark < 0 ? "" : uri.substring(mark + 1);
        if (!path.startsWith("/")) {
            throw new MalformedException("the path does not begin with a slash");
        }
        String problem = RequestTarget.problem(path);
        if (problem == null) {
            problem = RequestTarget.problemOfQuery(query);
        }
        if (problem == null && (path.indexOf(';') >= 0 || RequestTarget.hasEmptySegment(path))) {
            // What is behind the proxy is not known, and servers drop these in one way or another.
            problem = "the path has parameters or an empty segment";
        }
        if (problem != null) {
            throw new MalformedException(problem);
        }
        return query.isEmpty() ? path : path + "?" + query;
    }

    private static Client client(PolicyRequest check, String origin, TrustedProxies proxies) throws MalformedException {
        String chain = String.join(",", check.headers("X-Forwarded-For"));
        int comma = chain.lastIndexOf(',');
        String last = chain.substring(comma + 1).strip();
        RequestBuilder view = PolicyRequest.builder("GET", origin).source(last.isEmpty() ? "" : address(last), 0);
        if (comma >= 0) {
            view.header("X-Forwarded-For", chain.substring(0, comma));
        }
        return proxies.clientOf(view.build());
    }

    private static String address(String text) throws MalformedException {
        Matcher parts = ADDRESS.matcher(text);
        if (text.length() > MAX_ADDRESS || !parts.matches()) {
            throw new MalformedException("X-Forwarded-For does not end with an IP address");
        }
        String plain = parts.group("plain");
        String four = parts.group("four");
        return plain != null ? plain : four != null ? four : parts.group("six");
    }

    private static String required(PolicyRequest check, String what) throws MalformedException {
        String value = told(check, what);
        if (value == null) {
            throw new MalformedException(names(what) + " is missing: the proxy must send it");
        }
        return value;
    }

    private static @Nullable String told(PolicyRequest check, String what) throws MalformedException {
        List<String> forwarded = check.headers("X-Forwarded-" + what);
        List<String> original = check.headers("X-Original-" + what);
        Set<String> values = new LinkedHashSet<>(forwarded);
        values.addAll(original);
        if (forwarded.size() > 1 || original.size() > 1 || values.size() > 1) {
            throw new MalformedException(names(what) + " has more than one value: the proxy must replace the client's");
        }
        return values.isEmpty() ? null : values.iterator().next();
    }

    private static String valid(String what, Predicate<String> form, String value) throws MalformedException {
        if (!form.test(value)) {
            throw new MalformedException(names(what) + " is malformed");
        }
        return value;
    }

    private static String names(String what) {
        return "X-Forwarded-" + what + " or X-Original-" + what;
    }
}

package io.gatepost.undertow;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.forward.ClientCertificate;
import io.gatepost.policy.request.RequestTarget;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RenegotiationRequiredException;
import io.undertow.server.SSLSessionInfo;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Protocols;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** A view over an exchange: what its headers and query say now. */
final class UndertowRequest implements PolicyRequest {
    private final HttpServerExchange exchange;
    private final @Nullable String route;

    UndertowRequest(HttpServerExchange exchange) {
        this(exchange, null);
    }

    /** @param route what was chosen for the request; null for nothing yet */
    UndertowRequest(HttpServerExchange exchange, @Nullable String route) {
        this.exchange = exchange;
        this.route = route;
    }

    @Override
    public @Nullable String route() {
        return route;
    }

    @Override
    public String method() {
        return exchange.getRequestMethod().toString();
    }

    @Override
    public String scheme() {
        return exchange.getRequestScheme();
    }

    /** The target's own authority comes before the Host header (RFC 9112 section 3.2.2). */
    @Override
    public String host() {
        String uri = exchange.getRequestURI();
        if (exchange.isHostIncludedInRequestURI()) {
            return RequestTarget.authority(uri);
        }
        String host = exchange.getRequestHeaders().getFirst(Headers.HOST);
        return host == null ? "" : host;
    }

    @Override
    public String path() {
        String uri = exchange.getRequestURI();
        if (!exchange.isHostIncludedInRequestURI()) {
            return uri;
        }
        String path = uri.substring(
                uri.indexOf("//") + 2 + RequestTarget.authority(uri).length());
        return path.isEmpty() ? "/" : path;
    }

    /**
     * Handlers of Undertow's dispatch by a path without parameters and empty segments, decoded unless the server was
     * told not to.
     */
    @Override
    public @Nullable String problem() {
        String sent = RequestTarget.normalPath(path());
        if (RequestTarget.hasEmptySegment(sent)) {
            return "the path has an empty segment, which handlers pass over";
        }
        String dispatched = exchange.getRequestPath();
        return dispatched.equals(sent)
                        || RequestTarget.normalPath(dispatched).equals(sent)
                        || RequestTarget.encodedPath(dispatched).equals(sent)
                ? null
                : "the server dispatches by another path than the one that was sent";
    }

    @Override
    public @Nullable String query() {
        String query = exchange.getQueryString();
        return query == null || query.isEmpty() ? null : query;
    }

    @Override
    public String version() {
        HttpString protocol = exchange.getProtocol();
        return protocol.equals(Protocols.HTTP_2_0) ? "HTTP/2" : protocol.toString();
    }

    @Override
    public List<String> headers(String name) {
        HeaderValues values = exchange.getRequestHeaders().get(name);
        return values == null ? List.of() : copy(values);
    }

    @Override
    public void forEachHeader(BiConsumer<String, List<String>> header) {
        for (HeaderValues values : exchange.getRequestHeaders()) {
            header.accept(values.getHeaderName().toString(), copy(values));
        }
    }

    /** Not the values themselves, which are a list without a usable equals. */
    private static List<String> copy(HeaderValues values) {
        return values.size() == 1 ? List.of(values.getFirst()) : List.of(values.toArray());
    }

    @Override
    public Collection<String> headerNames() {
        HeaderMap headers = exchange.getRequestHeaders();
        List<String> names = new ArrayList<>(headers.size());
        for (HeaderValues values : headers) {
            names.add(values.getHeaderName().toString());
        }
        return names;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // Equal addresses may have other texts: that of another scope.
    public String sourceAddress() {
        InetSocketAddress source = exchange.getSourceAddress();
        EntryHandler.Source settled = exchange.getAttachment(EntryHandler.ENTERED);
        return settled != null && settled.address() == source ? settled.text() : text(source);
    }

    static String text(@Nullable InetSocketAddress source) {
        if (source == null) {
            return "";
        }
        return source.getAddress() == null
                ? source.getHostString()
                : source.getAddress().getHostAddress();
    }

    @Override
    public int sourcePort() {
        InetSocketAddress source = exchange.getSourceAddress();
        return source == null ? 0 : source.getPort();
    }

    @Override
    public boolean isEntered() {
        return exchange.getAttachment(EntryHandler.ENTERED) != null;
    }

    /** The door refuses what is not. */
    @Override
    public boolean isWellFormed() {
        return isEntered();
    }

    @Override
    public @Nullable Object attribute(String name) {
        SSLSessionInfo tls =
                ClientCertificate.fills(name) ? exchange.getConnection().getSslSessionInfo() : null;
        if (tls == null) {
            return null;
        }
        try {
            Certificate[] chain = tls.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate certificate
                    ? new ClientCertificate(certificate).attribute(name)
                    : null;
        } catch (SSLPeerUnverifiedException | RenegotiationRequiredException e) {
            return null;
        }
    }
}

package io.gatepost.servlet;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.forward.ClientCertificate;
import io.gatepost.policy.request.RequestTarget;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A view over a container's request: what its headers and query say now. */
final class ServletPolicyRequest implements PolicyRequest {
    /** Where a container puts what TLS has verified (Servlet 6.1 section 3.10). */
    private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

    private final HttpServletRequest request;
    private volatile boolean ended;

    ServletPolicyRequest(HttpServletRequest request) {
        this.request = request;
    }

    /** Nobody reads a request that its container may have given to another client. */
    void end() {
        ended = true;
    }

    private HttpServletRequest request() {
        if (ended) {
            throw new IllegalStateException("the request has been answered");
        }
        return request;
    }

    /** What the container reads otherwise than rules do. */
    @Override
    public @Nullable String problem() {
        if (!DispatchedPath.isWhatWasSent(request())) {
            return "the container dispatches by another path than the one that was sent";
        }
        return isCharset(request().getCharacterEncoding()) ? null : "the content type names no known character set";
    }

    private static boolean isCharset(@Nullable String name) {
        try {
            return name == null || Charset.isSupported(name);
        } catch (IllegalCharsetNameException e) {
            return false;
        }
    }

    /** A proxy's word that was believed travels on, a client's does not. */
    @Override
    public boolean isEntered() {
        return ClientRequest.isBehind(request());
    }

    @Override
    public String method() {
        return request().getMethod();
    }

    @Override
    public String scheme() {
        return request().getScheme();
    }

    /**
     * The Host header as it came, unless the target's own authority says otherwise (RFC 9112 section 3.2.2) or stands
     * in its place (RFC 9113 section 8.3.1). The Servlet API shows that one in the request's URL only.
     */
    @Override
    public String host() {
        String header = request().getHeader("Host");
        if (header == null && request().getProtocol().startsWith("HTTP/1.")) {
            return "";
        }
        String authority = RequestTarget.authority(request().getRequestURL().toString());
        return header != null && RequestTarget.isSameHost(header, authority) ? header : authority;
    }

    @Override
    public String path() {
        return request().getRequestURI();
    }

    @Override
    public @Nullable String query() {
        String query = request().getQueryString();
        return query == null || query.isEmpty() ? null : query;
    }

    @Override
    public String version() {
        String protocol = request().getProtocol();
        return protocol.equals("HTTP/2.0") ? "HTTP/2" : protocol;
    }

    @Override
    public List<String> headers(String name) {
        return list(request().getHeaders(name));
    }

    @Override
    public Collection<String> headerNames() {
        return list(request().getHeaderNames());
    }

    private static List<String> list(@Nullable Enumeration<String> values) {
        return values == null ? List.of() : Collections.list(values);
    }

    @Override
    public String sourceAddress() {
        String address = request().getRemoteAddr();
        return address == null ? "" : address;
    }

    @Override
    public int sourcePort() {
        return Math.max(0, request().getRemotePort());
    }

    /** What the certificate of whoever connects says, where the container asks for one. */
    @Override
    public @Nullable Object attribute(String name) {
        return ClientCertificate.fills(name)
                        && request().getAttribute(CERTIFICATES) instanceof X509Certificate[] chain
                        && chain.length > 0
                ? new ClientCertificate(chain[0]).attribute(name)
                : null;
    }
}

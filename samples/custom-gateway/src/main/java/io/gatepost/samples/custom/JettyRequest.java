package io.gatepost.samples.custom;

import io.gatepost.policy.PolicyRequest;
import java.util.Collection;
import java.util.List;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** The server's request as policies see it: nothing decoded, nothing tidied. */
record JettyRequest(Request request) implements PolicyRequest {
    @Override
    public String method() {
        return request.getMethod();
    }

    @Override
    public String scheme() {
        return request.isSecure() ? "https" : "http";
    }

    /** The server refuses a Host header that contradicts the target. */
    @Override
    public String host() {
        String host = request.getHeaders().get("Host");
        return host == null ? "" : host;
    }

    @Override
    public String path() {
        return request.getHttpURI().getPath();
    }

    @Override
    public @Nullable String query() {
        return request.getHttpURI().getQuery();
    }

    @Override
    public String version() {
        return request.getConnectionMetaData().getHttpVersion().asString();
    }

    @Override
    public List<String> headers(String name) {
        return request.getHeaders().getValuesList(name);
    }

    @Override
    public Collection<String> headerNames() {
        return request.getHeaders().getFieldNamesCollection();
    }

    @Override
    public String sourceAddress() {
        return Request.getRemoteAddr(request);
    }

    @Override
    public int sourcePort() {
        return Request.getRemotePort(request);
    }
}

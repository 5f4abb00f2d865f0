package io.gatepost.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request without the credentials that were verified: what rules judge and the upstream gets. */
record StrippedRequest(PolicyRequest request, List<Credential> credentials) implements PolicyRequest {
    static PolicyRequest of(PolicyRequest request, List<Credential> credentials) {
        return credentials.isEmpty() ? request : new StrippedRequest(request, credentials);
    }

    @Override
    public String method() {
        return request.method();
    }

    @Override
    public String scheme() {
        return request.scheme();
    }

    @Override
    public String host() {
        return request.host();
    }

    @Override
    public String path() {
        return request.path();
    }

    @Override
    public @Nullable String query() {
        String left = request.query();
        for (Credential credential : credentials) {
            left = credential.stripQuery(left);
        }
        return left;
    }

    @Override
    public String version() {
        return request.version();
    }

    @Override
    public List<String> headers(String name) {
        List<String> left = request.headers(name);
        for (Credential credential : credentials) {
            left = credential.stripHeader(name, left);
        }
        return left;
    }

    @Override
    public Collection<String> headerNames() {
        List<String> left = new ArrayList<>();
        for (String name : request.headerNames()) {
            if (!headers(name).isEmpty()) {
                left.add(name);
            }
        }
        return left;
    }

    @Override
    public String sourceAddress() {
        return request.sourceAddress();
    }

    @Override
    public int sourcePort() {
        return request.sourcePort();
    }

    @Override
    public byte @Nullable [] body() {
        return request.body();
    }

    @Override
    public @Nullable Object attribute(String name) {
        return request.attribute(name);
    }
}

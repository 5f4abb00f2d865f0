package io.gatepost.policy.request;

import io.gatepost.policy.PolicyRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request of which something is other than in the one that it stands over: what a subclass does not override is that
 * one's. Where {@link #headers} is overridden, {@link #headerNames} leaves out names without a value.
 */
public abstract class RequestView implements PolicyRequest {
    /** The request that this stands over. */
    protected final PolicyRequest request;

    /**
     * Stands over a request.
     *
     * @param request the request
     */
    protected RequestView(PolicyRequest request) {
        this.request = request;
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
        return request.query();
    }

    @Override
    public String version() {
        return request.version();
    }

    @Override
    public List<String> headers(String name) {
        return request.headers(name);
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
    public @Nullable String problem() {
        return request.problem();
    }

    @Override
    public boolean isEntered() {
        return request.isEntered();
    }

    @Override
    public @Nullable String route() {
        return request.route();
    }

    @Override
    public @Nullable Object attribute(String name) {
        return request.attribute(name);
    }

    @Override
    public String toString() {
        return request.toString();
    }
}

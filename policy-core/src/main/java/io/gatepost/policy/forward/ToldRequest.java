package io.gatepost.policy.forward;

import io.gatepost.policy.PolicyRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A view of a request that says of its client what is believed, instead of what the client says of itself. */
class ToldRequest implements PolicyRequest {
    final PolicyRequest request;
    final Client client;

    /** Headers that are told anew, whatever came. */
    final Map<String, String> told = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    ToldRequest(PolicyRequest request, Client client) {
        this.request = request;
        this.client = client;
        told.putAll(client.headers());
        if (!client.host().equals(request.host())) {
            told.put("Host", client.host());
        }
    }

    @Override
    public String method() {
        return request.method();
    }

    @Override
    public String scheme() {
        return client.scheme();
    }

    @Override
    public String host() {
        return client.host();
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
        String value = told.get(name);
        if (value != null) {
            return List.of(value);
        }
        return Client.isToldBy(name) ? List.of() : request.headers(name);
    }

    @Override
    public Collection<String> headerNames() {
        List<String> names = new ArrayList<>(told.keySet());
        for (String name : request.headerNames()) {
            if (!told.containsKey(name) && !headers(name).isEmpty()) {
                names.add(name);
            }
        }
        return names;
    }

    @Override
    public String sourceAddress() {
        return client.address();
    }

    /** Of a client behind a proxy the port is not known. */
    @Override
    public int sourcePort() {
        return client.address().equals(request.sourceAddress()) ? request.sourcePort() : 0;
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
        return true;
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

package io.gatepost.policy.forward;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.RequestView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A view of a request that says of its client what is believed, instead of what the client says of itself. */
class ToldRequest extends RequestView {
    private final Client client;

    /** Headers that are told anew, whatever came. */
    final ToldHeaders told = new ToldHeaders();

    ToldRequest(PolicyRequest request, Client client) {
        super(request);
        this.client = client;
        client.tell(told::put);
        if (!client.host().equals(request.host())) {
            told.put("Host", client.host());
        }
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
    public List<String> headers(String name) {
        String value = told.get(name);
        if (value != null) {
            return List.of(value);
        }
        return Client.isToldBy(name) ? List.of() : super.headers(name);
    }

    @Override
    public Collection<String> headerNames() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < told.size(); i++) {
            names.add(told.name(i));
        }
        for (String name : super.headerNames()) {
            if (told.indexOf(name) < 0) {
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
        return client.address().equals(super.sourceAddress()) ? super.sourcePort() : 0;
    }

    @Override
    public boolean isEntered() {
        return true;
    }
}

package io.gatepost.policy.forward;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RequestSyntax;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A view of a request as everybody behind an {@link Entry} sees it, with what is believed of its client. Reads from the
 * request whenever it is asked, and is as thread-safe as that is.
 */
public final class EnteredRequest implements PolicyRequest {
    private static final String CONNECTION = "connection";
    private static final String COOKIE = "cookie";
    private static final String HOST = "host";

    private final PolicyRequest asItCame;
    private final PolicyRequest request;
    private final Client client;

    /** Headers that are told anew, whatever came. */
    private final Map<String, String> told = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    EnteredRequest(PolicyRequest asItCame, TrustedProxies proxies, Map<String, String> own) {
        this.asItCame = asItCame;
        request = RequestSyntax.normalized(asItCame);
        client = proxies.clientOf(request);
        told.putAll(client.headers());
        told.putAll(own);
        if (!client.host().isEmpty()) {
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
        if (name.equalsIgnoreCase(CONNECTION) || name.equalsIgnoreCase(HOST) || Client.isToldBy(name)) {
            return List.of();
        }
        List<String> values = request.headers(name);
        // In HTTP/2 cookies come apart; they go on as one header (RFC 9113 section 8.2.3).
        return values.size() > 1 && name.equalsIgnoreCase(COOKIE) ? List.of(String.join("; ", values)) : values;
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

    /**
     * The headers that are other than they came, for a server that writes them into its own request. All others stay
     * as they are: values, their order and the name's spelling. To be asked before anything of it is written.
     *
     * @return the values of each such header in order, none where it is gone, by its name as it came or, of a new one,
     *     as it is told; unmodifiable
     */
    public Map<String, List<String>> changedHeaders() {
        Map<String, List<String>> changed = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String name : asItCame.headerNames()) {
            List<String> values = headers(name);
            if (!isSame(values, asItCame.headers(name))) {
                changed.put(name, List.copyOf(values));
            }
        }
        told.forEach((name, value) -> {
            if (asItCame.headers(name).isEmpty()) {
                changed.put(name, List.of(value));
            }
        });
        return Collections.unmodifiableMap(changed);
    }

    /** Value by value: a server's lists need not know when they are equal. */
    private static boolean isSame(List<String> values, List<String> others) {
        if (values.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < values.size(); i++) {
            if (!values.get(i).equals(others.get(i))) {
                return false;
            }
        }
        return true;
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

package io.gatepost.policy.forward;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.JudgedRequest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A view of a request as everybody behind an {@link Entry} sees it, with what is believed of its client. Reads from the
 * request whenever it is asked, and is as thread-safe as that is.
 */
public final class EnteredRequest extends ToldRequest {
    private static final String CONNECTION = "connection";
    private static final String COOKIE = "cookie";
    private static final String HOST = "host";

    private final JudgedRequest normal;

    private EnteredRequest(JudgedRequest normal, Client client, Map<String, String> own) {
        super(normal, client);
        this.normal = normal;
        own.forEach(told::put);
        if (!client.host().isEmpty()) {
            told.put("Host", client.host());
        }
    }

    static EnteredRequest of(PolicyRequest asItCame, TrustedProxies proxies, Map<String, String> own) {
        JudgedRequest normal = JudgedRequest.of(asItCame);
        return new EnteredRequest(normal, proxies.clientOf(normal), own);
    }

    @Override
    public List<String> headers(String name) {
        return settled(name, normal.headers(name));
    }

    /** What a header says here of which this is left, since it did not end with the hop. */
    private List<String> settled(String name, List<String> left) {
        String value = told.get(name);
        if (value != null) {
            return List.of(value);
        }
        if (name.equalsIgnoreCase(CONNECTION) || name.equalsIgnoreCase(HOST) || Client.isToldBy(name)) {
            return List.of();
        }
        // In HTTP/2 cookies come apart; they go on as one header (RFC 9113 section 8.2.3).
        return left.size() > 1 && name.equalsIgnoreCase(COOKIE) ? List.of(String.join("; ", left)) : left;
    }

    /**
     * The headers that are other than they came, for a server that writes them into its own request. All others stay as
     * they are: values, their order and the name's spelling. To be asked before anything of it is written.
     *
     * @return the values of each such header in order, none where it is gone, by its name as it came or, of a new one,
     *     as it is told; unmodifiable
     */
    public Map<String, List<String>> changedHeaders() {
        Map<String, List<String>> changed = new LinkedHashMap<>();
        boolean[] came = new boolean[told.size()];
        normal.asItCame().forEachHeader((name, values) -> {
            int at = told.indexOf(name);
            if (at >= 0) {
                came[at] = true;
            }
            List<String> settled = settled(name, normal.ends(name) ? List.of() : values);
            if (settled != values && !isSame(settled, values)) {
                changed.put(name, List.copyOf(settled));
            }
        });
        for (int i = 0; i < came.length; i++) {
            if (!came[i]) {
                changed.put(told.name(i), List.of(told.value(i)));
            }
        }
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
}

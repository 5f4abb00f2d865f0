package io.gatepost.policy.forward;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.RequestSyntax;
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

    private final PolicyRequest asItCame;
    private final boolean namesHeaders;

    private EnteredRequest(PolicyRequest asItCame, PolicyRequest normal, Client client, Map<String, String> own) {
        super(normal, client);
        this.asItCame = asItCame;
        namesHeaders = !asItCame.headers(CONNECTION).isEmpty();
        own.forEach(told::put);
        if (!client.host().isEmpty()) {
            told.put("Host", client.host());
        }
    }

    static EnteredRequest of(PolicyRequest asItCame, TrustedProxies proxies, Map<String, String> own) {
        PolicyRequest normal = RequestSyntax.normalized(asItCame);
        return new EnteredRequest(asItCame, normal, proxies.clientOf(normal), own);
    }

    @Override
    public List<String> headers(String name) {
        if ((name.equalsIgnoreCase(CONNECTION) || name.equalsIgnoreCase(HOST)) && told.indexOf(name) < 0) {
            return List.of();
        }
        List<String> values = super.headers(name);
        // In HTTP/2 cookies come apart; they go on as one header (RFC 9113 section 8.2.3).
        return values.size() > 1 && name.equalsIgnoreCase(COOKIE) ? List.of(String.join("; ", values)) : values;
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
        for (String name : asItCame.headerNames()) {
            int at = told.indexOf(name);
            if (at >= 0) {
                came[at] = true;
            }
            if (at >= 0 || mayChange(name)) {
                List<String> values = headers(name);
                if (!isSame(values, asItCame.headers(name))) {
                    changed.put(name, List.copyOf(values));
                }
            }
        }
        for (int i = 0; i < came.length; i++) {
            if (!came[i]) {
                changed.put(told.name(i), List.of(told.value(i)));
            }
        }
        return Collections.unmodifiableMap(changed);
    }

    /** Of what is not told. Most requests name no header that ends with the hop. */
    private boolean mayChange(String name) {
        return namesHeaders || name.equalsIgnoreCase(COOKIE) || name.equalsIgnoreCase(HOST) || Client.isToldBy(name);
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

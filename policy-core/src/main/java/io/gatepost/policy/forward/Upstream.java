package io.gatepost.policy.forward;

import io.gatepost.policy.Credential;
import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where requests are sent on to, and what of them changes on the way. Immutable and thread-safe; the text form holds no
 * secret.
 *
 * @param base scheme, host and optional port, such as {@code https://api.openai.com}; nothing else
 * @param path which path it is asked for
 * @param model the model to ask for instead of the request's; null to leave the body as it is
 * @param credential what it gets as its {@code Authorization}
 * @param tls what to trust; null for the JDK's default
 * @param serverName the name that its certificate must have and that is sent as SNI (RFC 6066 section 3); null for the
 *     host of {@code base}
 */
public record Upstream(
        URI base,
        UpstreamPath path,
        @Nullable String model,
        UpstreamCredential credential,
        @Nullable SSLContext tls,
        @Nullable String serverName) {
    /** Written anew for each hop: by whom the request is sent, and how its body is framed. */
    private static final Set<String> OF_THE_HOP = Set.of("host", "content-length", "expect");

    public Upstream {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(credential, "credential");
        boolean http = "http".equalsIgnoreCase(base.getScheme()) || "https".equalsIgnoreCase(base.getScheme());
        if (!http || base.getHost() == null || !base.equals(origin(base))) {
            throw new IllegalArgumentException("an upstream's base is an http or https URL without a path");
        }
    }

    /**
     * An upstream that gets requests as they are, without a credential of its own.
     *
     * @param base scheme, host and optional port; a path of only a slash is ignored
     * @return the upstream
     * @throws IllegalArgumentException where {@code base} is anything else
     */
    public static Upstream of(URI base) {
        boolean slash = "/".equals(base.getRawPath()) && base.getRawQuery() == null && base.getRawFragment() == null;
        return new Upstream(
                slash ? origin(base) : base, UpstreamPath.UNCHANGED, null, UpstreamCredential.NONE, null, null);
    }

    private static URI origin(URI base) {
        String port = base.getPort() < 0 ? "" : ":" + base.getPort();
        return URI.create(base.getScheme() + "://" + base.getHost() + port);
    }

    /**
     * What this upstream is sent for a request that was allowed.
     *
     * @param request the request as it was judged
     * @param allowed what the last policy in front of it said; null where none has judged it
     * @return target and headers: without the client's verified credentials, without what concerns one hop only
     */
    public ForwardedRequest forward(PolicyRequest request, Decision.@Nullable Allow allowed) {
        PolicyRequest left = allowed == null ? request : allowed.toForward(request);
        Set<String> dropped = droppedHeaders(left);
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String name : left.headerNames()) {
            if (!dropped.contains(name.toLowerCase(Locale.ROOT))) {
                headers.put(name, List.copyOf(left.headers(name)));
            }
        }
        headers.put("Host", List.of(base.getRawAuthority()));
        authorize(headers, allowed);
        return new ForwardedRequest(path.target(left.path(), left.query()), headers);
    }

    private Set<String> droppedHeaders(PolicyRequest request) {
        Set<String> dropped = HopByHop.headers(request.headers("connection"));
        if (changesBody()) {
            dropped.add("content-encoding");
        }
        dropped.addAll(OF_THE_HOP);
        return dropped;
    }

    private void authorize(Map<String, List<String>> headers, Decision.@Nullable Allow allowed) {
        if (credential instanceof UpstreamCredential.Bearer own) {
            headers.put("Authorization", List.of("Bearer " + own.secret()));
        } else if (credential instanceof UpstreamCredential.Passthrough
                && allowed != null
                && !allowed.credentials().isEmpty()) {
            Credential last = allowed.credentials().get(allowed.credentials().size() - 1);
            headers.put("Authorization", List.of("Bearer " + last.text()));
        }
    }

    /**
     * Whether a request's body must be read and changed before it is sent.
     *
     * @return whether there is a model to ask for
     */
    public boolean changesBody() {
        return model != null;
    }

    /**
     * The body that this upstream is sent.
     *
     * @param body the client's body, encodings removed where {@link #changesBody}
     * @return the body with this upstream's model; the same body where there is none
     * @throws RejectedBodyException 400 as {@link RequestBody#withModel}
     */
    public byte[] bodyToForward(byte[] body) throws RejectedBodyException {
        return model == null ? body : RequestBody.withModel(body, model);
    }

    @Override
    public String toString() {
        return "Upstream[" + base + "]";
    }
}

package io.gatepost.policy.forward;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.forward.ForwardedRequest.Field;
import io.gatepost.policy.request.Credential;
import io.gatepost.policy.request.NamedModel;
import io.gatepost.policy.request.RequestSyntax;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where requests are sent on to, and what of them changes on the way. Immutable and thread-safe; the text form holds no
 * secret.
 *
 * @param base scheme, host and optional port, such as {@code https://api.openai.com}; nothing else
 * @param path which path it is asked for
 * @param model the model to ask for instead of the request's; null to leave the request as it is
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
    /** Written anew for each hop: whom the request is for, and how its body is framed. */
    private static final HeaderNameSet REPLACED = new HeaderNameSet("Host", "Content-Length", "Expect");

    private static final Set<String> NEVER_SENT = Set.of("TRACE", "CONNECT");

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
     * What this upstream is sent for a request that was allowed. Whatever the client says of itself, the upstream hears
     * what is so.
     *
     * @param request the request as it was judged
     * @param allowed what the last policy in front of it said; null where none has judged it
     * @return target and headers: without the client's verified credentials, without what concerns one hop only, with
     *     {@link Client#headers}
     * @throws RejectedRequestException 405 for TRACE and CONNECT: an answer to the one would show the client what the
     *     upstream gets, its credential among it, and the other is no request for a resource; 400 where something would
     *     be read as something else, whatever was judged
     */
    public ForwardedRequest forward(PolicyRequest request, Decision.@Nullable Allow allowed)
            throws RejectedRequestException {
        if (NEVER_SENT.contains(request.method())) {
            throw new RejectedRequestException(405, "method_not_allowed", "TRACE and CONNECT are not sent on");
        }
        PolicyRequest left = allowed == null ? RequestSyntax.normalized(request) : allowed.toForward(request);
        try {
            return new ForwardedRequest(target(left), fields(left, bearer(allowed)));
        } catch (IllegalArgumentException e) {
            throw new RejectedRequestException(400, "request_malformed", "the request can't be sent on as it is");
        }
    }

    private List<Field> fields(PolicyRequest left, @Nullable String bearer) {
        List<Field> fields = new ArrayList<>(16);
        fields.add(new Field("Host", base.getRawAuthority()));
        boolean entered = left.isEntered();
        left.forEachHeader((name, values) -> {
            boolean replaced = REPLACED.contains(name)
                    || (Client.isToldBy(name) && !(entered && Client.needsProxy(name)))
                    || (bearer != null && name.equalsIgnoreCase("Authorization"));
            if (!replaced && !HopByHop.staysBehind(name)) {
                for (int i = 0; i < values.size(); i++) {
                    fields.add(new Field(name, values.get(i)));
                }
            }
        });
        Client.of(left).tell((name, value) -> fields.add(new Field(name, value)));
        if (bearer != null) {
            fields.add(new Field("Authorization", "Bearer " + bearer));
        }
        return fields;
    }

    /** What this upstream gets as its credential; null for whatever the client sent and no policy has verified. */
    private @Nullable String bearer(Decision.@Nullable Allow allowed) {
        if (credential instanceof UpstreamCredential.Bearer own) {
            return own.secret();
        }
        boolean passes = credential instanceof UpstreamCredential.Passthrough;
        List<Credential> verified = passes && allowed != null ? allowed.credentials() : List.of();
        return verified.isEmpty() ? null : verified.get(verified.size() - 1).text();
    }

    private String target(PolicyRequest left) throws RejectedRequestException {
        String query = model == null ? left.query() : new ModelOverride(model).in(left.query());
        String target = path.target(left.path(), query);
        if (model != null && !(path instanceof UpstreamPath.Fixed)) {
            int mark = target.indexOf('?');
            String sent = mark < 0 ? target : target.substring(0, mark);
            if (NamedModel.isOther(left.method(), sent, mark < 0 ? null : target.substring(mark + 1), model)) {
                throw new RejectedRequestException(
                        400, "model_not_served", "the target names another model than the one that is served here");
            }
        }
        return target;
    }

    /**
     * Whether a request's body must be read before it is sent, since it may name a model.
     *
     * @return whether there is a model to ask for
     */
    public boolean changesBody() {
        return model != null;
    }

    /**
     * The body that this upstream is sent: with this upstream's model wherever it names one, and where a body in JSON
     * or a form asks a model and names none. What names no model stays as it is.
     *
     * @param request the request as it came, or as it was judged
     * @param body its body, encodings removed where {@link #changesBody}
     * @return the same array where nothing changes: then the body is sent as it came, in its encoding; otherwise the
     *     new body, sent {@linkplain ForwardedRequest#withoutContentEncoding without an encoding}
     * @throws RejectedBodyException 400 where the body may be read as if it named another model: JSON that is not one
     *     object or has a member twice, a form with two readings, parts that are no form
     */
    public byte[] bodyToForward(PolicyRequest request, byte[] body) throws RejectedBodyException {
        return model == null
                ? body
                : new ModelOverride(model).in(request, body, path instanceof UpstreamPath.Fixed || asksModel(request));
    }

    private boolean asksModel(PolicyRequest request) {
        return ModelOverride.isAsked(
                path.target(RequestSyntax.normalized(request).path(), null));
    }

    @Override
    public String toString() {
        return "Upstream[" + base + "]";
    }
}

package io.gatepost.policy.request;

import io.gatepost.policy.BodySource;
import io.gatepost.policy.PolicyRequest;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A request in the one reading that rules, routes and upstreams share: its path in normal form (RFC 3986 section
 * 6.2.2), and without the headers that {@code Connection} names, which end with this hop (RFC 9110 section 7.6.1). Has
 * a body once that was read. For one thread at a time.
 */
public final class JudgedRequest extends RequestView {
    /** What says how this hop is framed, and the credential: naming it in {@code Connection} changes nothing. */
    private static final Set<String> NEVER_ENDED = Set.of(
            "authorization", "connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade");

    private final String path;
    private final Set<String> ended;
    private final @Nullable BodySource source;
    private byte @Nullable [] body;

    private JudgedRequest(PolicyRequest request, @Nullable BodySource source) {
        super(request);
        this.source = source;
        path = RequestTarget.normalPath(request.path());
        ended = ended(request.headers("connection"));
    }

    /**
     * A request whose body is at hand, or is not needed.
     *
     * @param request the request as it came
     * @return a view of it; the same where it is one already
     */
    public static JudgedRequest of(PolicyRequest request) {
        return request instanceof JudgedRequest judged ? judged : new JudgedRequest(request, null);
    }

    /**
     * A request whose body is still to be read.
     *
     * @param request the request as it came; its {@link PolicyRequest#body} is not asked
     * @param source where the body comes from
     * @return a view of it
     */
    public static JudgedRequest of(PolicyRequest request, BodySource source) {
        return new JudgedRequest(request, source);
    }

    private static Set<String> ended(List<String> connection) {
        if (connection.isEmpty()) {
            return Set.of();
        }
        Set<String> names = new HashSet<>();
        for (String value : connection) {
            for (String option : value.split(",", -1)) {
                names.add(option.strip().toLowerCase(Locale.ROOT));
            }
        }
        names.removeAll(NEVER_ENDED);
        return names;
    }

    /**
     * The request that this is a view of.
     *
     * @return the request as it came
     */
    public PolicyRequest asItCame() {
        return request;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public List<String> headers(String name) {
        return ends(name) ? List.of() : request.headers(name);
    }

    /**
     * Whether a header ends with this hop, since {@code Connection} names it.
     *
     * @param name the header's name, in any case
     * @return whether it has no values here, whatever came
     */
    public boolean ends(String name) {
        return !ended.isEmpty() && ended.contains(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public Collection<String> headerNames() {
        return ended.isEmpty() ? request.headerNames() : super.headerNames();
    }

    @Override
    public void forEachHeader(BiConsumer<String, List<String>> header) {
        request.forEachHeader((name, values) -> {
            if (!ends(name)) {
                header.accept(name, values);
            }
        });
    }

    /**
     * Where the body is still to come from.
     *
     * @return the source; null where the body was read, or where there is no source
     */
    public @Nullable BodySource pendingBody() {
        return body == null ? source : null;
    }

    /**
     * Reads the body, so that {@link #body} has it.
     *
     * @param from the {@link #pendingBody}
     * @return the end of it; fails with what the source fails with
     */
    public CompletionStage<byte[]> read(BodySource from) {
        return from.read().thenApply(bytes -> body = bytes);
    }

    @Override
    public byte @Nullable [] body() {
        return source == null ? request.body() : body;
    }
}

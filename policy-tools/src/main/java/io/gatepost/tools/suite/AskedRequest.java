package io.gatepost.tools.suite;

import io.gatepost.policy.BodySource;
import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RouteEngine;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.forward.Entry;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RejectedRequestException;
import io.gatepost.policy.forward.RequestBody;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.request.RequestBuilder;
import io.gatepost.policy.request.RequestSyntax;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request that is asked about, with what stands beside it: read from the JSON that {@code decide} speaks,
 * {@code {"request": {method, uri, headers: [[name, value]...], sourceAddress?, body?}, "claims"?: {}, "variables"?:
 * {}, "at"?: instant}}. It is judged as a gateway would: taken in at an {@link Entry}, its body read where a rule wants
 * it. Immutable.
 */
public final class AskedRequest {
    private static final int MAX_DEPTH = 2_000;

    /** Reads lines of JSON: strings of any length, 2,000 levels. */
    public static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .build();

    private final JsonNode request;
    private final Map<String, Object> variables;
    private final @Nullable VerifiedToken token;
    private final @Nullable Instant at;

    private AskedRequest(
            JsonNode request, Map<String, Object> variables, @Nullable VerifiedToken token, @Nullable Instant at) {
        this.request = request;
        this.variables = variables;
        this.token = token;
        this.at = at;
    }

    /**
     * Reads a request.
     *
     * @param line an object with {@code request}, {@code claims}, {@code variables} and {@code at}; {@code id} and
     *     {@code policies} are others' to read
     * @return the request
     * @throws UnreadableRequestException where one of these has another shape, or there is something else
     */
    public static AskedRequest of(JsonNode line) throws UnreadableRequestException {
        AskedMembers.checkLine(line);
        VerifiedToken token = AskedMembers.token(line.path("claims"));
        Map<String, Object> variables = AskedMembers.object(line.path("variables"), "variables");
        AskedMembers.checkRequest(line.path("request"));
        return new AskedRequest(line.path("request"), variables, token, AskedMembers.at(line.path("at")));
    }

    /** What is said where an instant is none. */
    public static final String NO_INSTANT = "expected a time such as 2026-11-25T08:00:00Z (RFC 3339)";

    /**
     * Reads an instant.
     *
     * @param text RFC 3339, such as {@code 2026-11-25T08:00:00Z} or {@code 2026-11-25T09:00:00+01:00}
     * @return the instant; null where it is none
     */
    public static @Nullable Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    /**
     * The same request with claims.
     *
     * @param claims an object, whose claims count as verified
     * @return the request
     * @throws UnreadableRequestException where it is no object
     */
    public AskedRequest withClaims(JsonNode claims) throws UnreadableRequestException {
        return new AskedRequest(request, variables, AskedMembers.token(claims), at);
    }

    /**
     * The same request at another time.
     *
     * @param instant when it comes
     * @return the request
     */
    public AskedRequest at(Instant instant) {
        return new AskedRequest(request, variables, token, Objects.requireNonNull(instant, "instant"));
    }

    /**
     * When it comes.
     *
     * @return the instant, that tokens and rules are judged as of; null for now
     */
    public @Nullable Instant at() {
        return at;
    }

    /**
     * The claims given beside the request.
     *
     * @return the token that they stand in for, as if it had been verified; null where no claims were given
     */
    public @Nullable VerifiedToken token() {
        return token;
    }

    /**
     * Judges the request by policies, all of which apply.
     *
     * @param entry where it comes in
     * @param policies least specific first
     * @param engines where engines are kept
     * @return the answer
     * @throws io.gatepost.policy.diagnostic.InvalidPolicyException where the policies can't be used
     */
    public Answer ask(Entry entry, List<TrafficPolicy> policies, KeptEngines engines) {
        try {
            RouteEngine engine = token == null
                    ? engines.of(policies, names())
                    : engines.of(withoutAuthentication(policies), names());
            PolicyRequest entered = malformed();
            entered = entered == null ? entry.settled(came(entry, "", null)) : entered;
            return answer(entered, engine, engines, entry.judgedBodyLimit());
        } catch (RejectedRequestException e) {
            return Answer.refused(e);
        }
    }

    /**
     * Judges the request as a gateway would.
     *
     * @param entry where it comes in
     * @param routing what chooses the policies
     * @param route the route that is meant, {@code namespace/name} or {@code name}; null for whichever takes it
     * @param engines where engines are kept
     * @return the answer; a request that no policy may see, or that no route takes, is refused
     * @throws UnroutedRequestException where it is not clear which route is meant
     * @throws io.gatepost.policy.diagnostic.InvalidPolicyException where the policies can't be used
     */
    public Answer ask(Entry entry, Routing routing, @Nullable String route, KeptEngines engines)
            throws UnroutedRequestException {
        try {
            PolicyRequest entered = enter(entry, routing, route, false);
            Routing.Routed routed = routing.route(entered, route);
            Answer answer = answer(
                    entered, engines.of(routed.policies(), token != null, names()), engines, entry.judgedBodyLimit());
            return answer.isAllowed() && routed.unserved() != null ? Answer.refused(routed.unserved()) : answer;
        } catch (RejectedRequestException e) {
            return Answer.refused(e);
        }
    }

    /** What the engine itself refuses, which can tell a malformed token from a malformed request. */
    private @Nullable PolicyRequest malformed() {
        try {
            PolicyRequest raw = raw();
            return RequestSyntax.problem(raw) == null ? null : raw;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private Set<String> names() {
        return new TreeSet<>(variables.keySet());
    }

    private static List<TrafficPolicy> withoutAuthentication(List<TrafficPolicy> policies) {
        return policies.stream()
                .map(policy -> policy.withJwtAuthentication(null))
                .toList();
    }

    private Answer answer(PolicyRequest entered, RouteEngine engine, KeptEngines engines, int bodyLimit) {
        engines.at(at);
        Decision.Allow given = token == null ? null : Decision.Allow.ofGiven(token);
        try {
            return Answer.of(engine.decideAsync(entered, given, body(bodyLimit))
                    .toCompletableFuture()
                    .join());
        } catch (CompletionException e) {
            if (e.getCause() instanceof RejectedBodyException rejected) {
                return Answer.refused(rejected);
            }
            throw e;
        }
    }

    /**
     * The request behind an entry.
     *
     * @param entry where it comes in
     * @param routing what knows the host of a request that names none
     * @param route the route that is meant; null for whichever takes it
     * @param withBody whether its body is at hand, as tools want it that change requests
     * @return the request as routes and rules see it
     * @throws RejectedRequestException where it does not come in, or the body is wanted and can't be read
     * @throws UnroutedRequestException where it is not clear which route is meant
     */
    public PolicyRequest enter(Entry entry, Routing routing, @Nullable String route, boolean withBody)
            throws RejectedRequestException, UnroutedRequestException {
        PolicyRequest came = came(entry, "", null);
        String host = came.host().isEmpty() ? routing.hostOf(came, route) : "";
        byte[] body = withBody && request.path("body").isString() ? decoded(entry.judgedBodyLimit()) : null;
        return entry.settled(came(entry, host, body));
    }

    /** What is no request at all, an entry refuses as it does the others. */
    private PolicyRequest came(Entry entry, String host, byte @Nullable [] body) throws RejectedRequestException {
        try {
            RequestBuilder head = head(host);
            PolicyRequest came = (body == null ? head : head.body(body)).build();
            entry.check(came);
            return came;
        } catch (IllegalArgumentException e) {
            throw Entry.malformed(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The request as it came, for explanations of why it does not come in.
     *
     * @return the request, without its body
     * @throws IllegalArgumentException where it is none at all
     */
    public PolicyRequest raw() {
        return head("").build();
    }

    private RequestBuilder head(String host) {
        RequestBuilder builder = PolicyRequest.builder(
                request.path("method").stringValue(), request.path("uri").stringValue());
        for (JsonNode header : request.path("headers")) {
            builder.header(header.path(0).stringValue(), header.path(1).stringValue());
        }
        if (!host.isEmpty()) {
            builder.header("Host", host);
        }
        if (request.path("sourceAddress").isString()) {
            builder.source(request.path("sourceAddress").stringValue(), 0);
        }
        variables.forEach(builder::attribute);
        return builder;
    }

    /**
     * Where the body comes from. It is decoded when it is asked for, and then once.
     *
     * @param limit how long it may be, in bytes
     * @return the source; its stage fails with a {@link RejectedBodyException}
     */
    public BodySource body(int limit) {
        CompletableFuture<byte[]> decoded = new CompletableFuture<>();
        return () -> {
            try {
                if (!decoded.isDone()) {
                    decoded.complete(decoded(limit));
                }
            } catch (RejectedBodyException e) {
                decoded.completeExceptionally(e);
            }
            return decoded;
        };
    }

    private byte[] decoded(int limit) throws RejectedBodyException {
        byte[] sent = request.path("body").asString("").getBytes(StandardCharsets.UTF_8);
        if (sent.length > limit) {
            throw RequestBody.tooLarge(limit);
        }
        return RequestBody.decode(sent, head("").build().headers("content-encoding"), limit);
    }

    /**
     * The request behind an entry that believes nobody.
     *
     * @param withBody whether its body is wanted
     * @return the request
     * @throws RejectedRequestException where it does not come in, or the body is too long or can't be decoded
     */
    public PolicyRequest build(boolean withBody) throws RejectedRequestException {
        byte[] body = withBody && request.path("body").isString() ? decoded(RequestBody.DEFAULT_LIMIT) : null;
        return Entry.DEFAULT.settled(came(Entry.DEFAULT, "", body));
    }

    @Override
    public String toString() {
        return request.path("method").stringValue() + " " + request.path("uri").stringValue();
    }
}

package io.gatepost.testkit.suite;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RequestBuilder;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RequestBody;
import io.gatepost.policy.model.TrafficPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request that is asked about, with what stands beside it: read from the JSON that {@code decide} speaks,
 * {@code {"request": {method, uri, headers: [[name, value]...], sourceAddress?, body?}, "claims"?: {}, "variables"?:
 * {}}}. Immutable.
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

    private AskedRequest(JsonNode request, Map<String, Object> variables, @Nullable VerifiedToken token) {
        this.request = request;
        this.variables = variables;
        this.token = token;
    }

    /**
     * Reads a request.
     *
     * @param line an object with {@code request}, {@code claims} and {@code variables}; other members are passed over
     * @return the request
     * @throws UnreadableRequestException where one of these has another shape
     */
    public static AskedRequest of(JsonNode line) throws UnreadableRequestException {
        VerifiedToken token = token(line.path("claims"));
        Map<String, Object> variables = object(line.path("variables"), "variables");
        check(line.path("request"));
        return new AskedRequest(line.path("request"), variables, token);
    }

    /**
     * The same request with claims.
     *
     * @param claims an object, whose claims count as verified
     * @return the request
     * @throws UnreadableRequestException where it is no object
     */
    public AskedRequest withClaims(JsonNode claims) throws UnreadableRequestException {
        return new AskedRequest(request, variables, token(claims));
    }

    private static @Nullable VerifiedToken token(JsonNode claims) throws UnreadableRequestException {
        return claims.isMissingNode() || claims.isNull()
                ? null
                : new VerifiedToken(claims.path("iss").asString(""), null, object(claims, "claims"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(JsonNode node, String name) throws UnreadableRequestException {
        if (node.isMissingNode() || node.isNull()) {
            return Map.of();
        }
        if (!node.isObject()) {
            throw new UnreadableRequestException(name + ": expected an object");
        }
        return JSON.convertValue(node, Map.class);
    }

    private static void check(JsonNode request) throws UnreadableRequestException {
        if (!request.path("method").isString() || !request.path("uri").isString()) {
            throw new UnreadableRequestException("request: expected an object with method and uri");
        }
        for (JsonNode header : request.path("headers")) {
            if (!header.path(0).isString() || !header.path(1).isString()) {
                throw new UnreadableRequestException("request.headers: expected a list of [name, value]");
            }
        }
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
     * The engines that judge this request: with given claims the rules only, authentication being done.
     *
     * @param policies least specific first
     * @param engines where engines are kept
     * @return the engines, closed with {@code engines}
     * @throws io.gatepost.policy.model.InvalidPolicyException where the policies can't be used
     */
    public Engines.Phases phases(List<TrafficPolicy> policies, Engines engines) {
        Set<String> names = new TreeSet<>(variables.keySet());
        return engines.of(token == null ? policies : Engines.withoutAuthentication(policies), names);
    }

    /**
     * Judges the request by policies, all of which apply.
     *
     * @param policies least specific first
     * @param engines where engines are kept
     * @return the answer; a request that no policy may see, such as one whose body can't be decoded, is refused
     * @throws io.gatepost.policy.model.InvalidPolicyException where the policies can't be used
     */
    public Answer ask(List<TrafficPolicy> policies, Engines engines) {
        Engines.Phases phases = phases(policies, engines);
        PolicyRequest built;
        try {
            built = build(phases.readsBody());
        } catch (IllegalArgumentException e) {
            return Answer.refused(400, "request_malformed", String.valueOf(e.getMessage()));
        } catch (RejectedBodyException e) {
            return Answer.refused(e.response().status(), Answer.BODY_REJECTED, "the body cannot be read for the rules");
        }
        Decision decision = phases.decide(built, token);
        return Answer.of(decision);
    }

    /**
     * The request as an engine sees it.
     *
     * @param withBody whether the engine reads the body; without, it is left out as an adapter leaves it
     * @return the request
     * @throws IllegalArgumentException where the URI or a header's name can't be one
     * @throws RejectedBodyException where the body is too long or can't be decoded
     */
    public PolicyRequest build(boolean withBody) throws RejectedBodyException {
        RequestBuilder builder = PolicyRequest.builder(
                request.path("method").stringValue(), request.path("uri").stringValue());
        for (JsonNode header : request.path("headers")) {
            builder.header(header.path(0).stringValue(), header.path(1).stringValue());
        }
        if (request.path("sourceAddress").isString()) {
            builder.source(request.path("sourceAddress").stringValue(), 0);
        }
        variables.forEach(builder::attribute);
        return withBody && request.path("body").isString()
                ? withBody(builder, request.path("body").stringValue())
                : builder.build();
    }

    private static PolicyRequest withBody(RequestBuilder builder, String body) throws RejectedBodyException {
        byte[] sent = body.getBytes(StandardCharsets.UTF_8);
        if (sent.length > RequestBody.DEFAULT_LIMIT) {
            throw RequestBody.tooLarge(RequestBody.DEFAULT_LIMIT);
        }
        List<String> encodings = builder.build().headers("content-encoding");
        return builder.body(RequestBody.decode(sent, encodings, RequestBody.DEFAULT_LIMIT))
                .build();
    }

    @Override
    public String toString() {
        return request.path("method").stringValue() + " " + request.path("uri").stringValue();
    }
}

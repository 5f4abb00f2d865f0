package io.gatepost.tools.suite;

import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.forward.TrustedProxies;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the members of an {@link AskedRequest}, and refuses what has another shape. Not instantiable. */
final class AskedMembers {
    private static final List<String> OF_LINE = List.of("id", "request", "policies", "claims", "variables", "at");
    private static final List<String> OF_REQUEST = List.of("method", "uri", "headers", "sourceAddress", "body");

    private AskedMembers() {}

    static void checkLine(JsonNode line) throws UnreadableRequestException {
        known(line, "", OF_LINE);
    }

    /** What is not known would be passed over in silence, and the request judged as if it had not been said. */
    private static void known(JsonNode object, String path, List<String> names) throws UnreadableRequestException {
        for (String name : object.propertyNames()) {
            if (!names.contains(name)) {
                throw new UnreadableRequestException(
                        path + name + ": unknown member" + Diagnostic.didYouMean(name, names));
            }
        }
    }

    static @Nullable Instant at(JsonNode at) throws UnreadableRequestException {
        if (at.isMissingNode() || at.isNull()) {
            return null;
        }
        Instant instant = at.isString() ? AskedRequest.instant(at.stringValue()) : null;
        if (instant == null) {
            throw new UnreadableRequestException("at: " + AskedRequest.NO_INSTANT);
        }
        return instant;
    }

    /** Claims that count as verified; null where none are given. */
    static @Nullable VerifiedToken token(JsonNode claims) throws UnreadableRequestException {
        return claims.isMissingNode() || claims.isNull()
                ? null
                : new VerifiedToken(claims.path("iss").asString(""), null, object(claims, "claims"));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(JsonNode node, String name) throws UnreadableRequestException {
        if (node.isMissingNode() || node.isNull()) {
            return Map.of();
        }
        if (!node.isObject()) {
            throw new UnreadableRequestException(name + ": expected an object");
        }
        return AskedRequest.JSON.convertValue(node, Map.class);
    }

    static void checkRequest(JsonNode request) throws UnreadableRequestException {
        if (!request.path("method").isString() || !request.path("uri").isString()) {
            throw new UnreadableRequestException("request: expected an object with method and uri");
        }
        known(request, "request.", OF_REQUEST);
        JsonNode headers = request.path("headers");
        boolean listed = headers.isArray() || headers.isMissingNode() || headers.isNull();
        for (JsonNode header : headers) {
            listed &= header.isArray() && header.size() == 2;
            listed &= header.path(0).isString() && header.path(1).isString();
        }
        if (!listed) {
            throw new UnreadableRequestException("request.headers: expected a list of [name, value]");
        }
        JsonNode source = request.path("sourceAddress");
        if (!isTextOrNothing(source) || (source.isString() && !isAddress(source.stringValue()))) {
            throw new UnreadableRequestException("request.sourceAddress: expected an IP address");
        }
        if (!isTextOrNothing(request.path("body"))) {
            throw new UnreadableRequestException("request.body: expected a text; JSON is written as one");
        }
    }

    private static boolean isTextOrNothing(JsonNode node) {
        return node.isString() || node.isMissingNode() || node.isNull();
    }

    /** An unknown one is empty. */
    private static boolean isAddress(String text) {
        return text.isEmpty() || TrustedProxies.isAddress(text);
    }
}

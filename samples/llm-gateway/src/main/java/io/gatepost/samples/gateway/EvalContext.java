package io.gatepost.samples.gateway;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.RequestBuilder;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an expression of {@code eval} is evaluated on.
 *
 * @param variables the names that the context declares or takes away
 * @param request the request that carries their values
 */
record EvalContext(Set<String> variables, PolicyRequest request) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000);

    /** @throws IllegalArgumentException where a typed value isn't one */
    static EvalContext of(JsonNode context) {
        JsonNode http = context.path("$httpRequest");
        RequestBuilder request = http.isObject() ? request(http) : PolicyRequest.builder("GET", "/");
        Set<String> variables = new TreeSet<>();
        // Without a request there is none, nor a source or a model; with one, only its source is unknown.
        variables.add("source");
        if (!http.isObject()) {
            variables.addAll(List.of("request", "llm"));
        }
        for (Map.Entry<String, JsonNode> variable : context.properties()) {
            String name = variable.getKey();
            Object value = value(variable.getValue());
            if (value != null) {
                request.attribute(name, value);
            }
            if (!name.equals("$httpRequest") && !name.contains(".")) {
                variables.add(name);
            }
        }
        return new EvalContext(variables, request.build());
    }

    private static RequestBuilder request(JsonNode http) {
        RequestBuilder request = PolicyRequest.builder(
                http.path("method").asString("GET"), http.path("uri").asString("/"));
        for (JsonNode header : http.path("headers")) {
            request.header(header.path(0).asString(""), header.path(1).asString(""));
        }
        if (http.path("body").isString()) {
            byte[] body = http.path("body").stringValue().getBytes(StandardCharsets.UTF_8);
            int limit = http.path("bufferLimit").asInt(body.length);
            request.attribute("request.bodyPrefix", Arrays.copyOf(body, Math.min(limit, body.length)));
            if (body.length <= limit) {
                request.body(body);
            }
        }
        return request;
    }

    private static @Nullable Object value(JsonNode node) {
        if (node.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            node.forEach(element -> list.add(value(element)));
            return list;
        }
        if (!node.isObject()) {
            return JSON.convertValue(node, Object.class);
        }
        if (node.size() == 1) {
            Map.Entry<String, JsonNode> only = node.properties().iterator().next();
            Object typed = typed(only.getKey(), only.getValue().asString(""));
            if (typed != null) {
                return typed;
            }
        }
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        node.properties().forEach(entry -> map.put(field(entry.getKey()), value(entry.getValue())));
        return map;
    }

    /** The secrets of {@code jwt} and {@code apiKey}, which expressions see redacted. */
    private static String field(String name) {
        return switch (name) {
            case "$rawToken" -> "rawToken";
            case "$key" -> "key";
            default -> name;
        };
    }

    private static @Nullable Object typed(String type, String text) {
        try {
            return switch (type) {
                case "$bytes" -> Base64.getDecoder().decode(text);
                case "$timestamp" -> Instant.parse(text);
                case "$duration" -> {
                    String seconds = text.endsWith("s") ? text.substring(0, text.length() - 1) : text;
                    yield Duration.ofNanos(
                            new BigDecimal(seconds).multiply(NANOS).longValueExact());
                }
                case "$uint" -> new BigInteger(text);
                default -> null;
            };
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException("a value of the context is not of the type it says");
        }
    }

    /** A value as JSON: bytes as base64, times as RFC 3339, durations in seconds. */
    static JsonNode toJson(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            map.forEach((key, element) -> object.set(String.valueOf(key), toJson(element)));
            return object;
        }
        if (value instanceof List<?> list) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            list.forEach(element -> array.add(toJson(element)));
            return array;
        }
        if (value instanceof Duration duration) {
            BigDecimal seconds =
                    BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), 9));
            return JsonNodeFactory.instance.stringNode(
                    seconds.stripTrailingZeros().toPlainString() + "s");
        }
        return value instanceof Instant instant
                ? JsonNodeFactory.instance.stringNode(instant.toString())
                : JSON.valueToTree(value);
    }
}

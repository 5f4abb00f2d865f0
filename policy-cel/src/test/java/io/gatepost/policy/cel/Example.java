package io.gatepost.policy.cel;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.expression.ExpressionCompiler.ResultType;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.request.RequestBuilder;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A request with its token, written as JSON, and what expressions make of it. */
record Example(PolicyRequest request, @Nullable VerifiedToken token) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final CelExpressionCompiler COMPILER = new CelExpressionCompiler();

    static Example of(String json) {
        JsonNode node = JSON.readTree(json);
        RequestBuilder request = PolicyRequest.builder(
                node.path("method").asString("POST"),
                node.path("uri").asString("https://llm.example.com/v1/chat/completions"));
        node.path("headers")
                .forEach(header -> request.header(
                        header.path(0).asString(""), header.path(1).asString("")));
        request.source(
                node.path("sourceAddress").asString("127.0.0.1"),
                node.path("sourcePort").asInt(0));
        if (node.has("body")) {
            request.body(JSON.writeValueAsBytes(node.path("body")));
        }
        if (node.has("startTime")) {
            request.attribute(
                    "request.startTime", Instant.parse(node.path("startTime").asString("")));
        }
        node.path("attributes")
                .properties()
                .forEach(entry -> request.attribute(entry.getKey(), JSON.convertValue(entry.getValue(), Map.class)));
        return new Example(request.build(), token(node.path("claims")));
    }

    @SuppressWarnings("unchecked")
    private static @Nullable VerifiedToken token(JsonNode claims) {
        return claims.isObject()
                ? new VerifiedToken("https://idp.example.com", null, JSON.convertValue(claims, Map.class))
                : null;
    }

    @Nullable
    Object eval(String expression) throws InvalidExpressionException, EvaluationException {
        return COMPILER.compile(expression, ResultType.ANY).evaluate(request, token);
    }

    /** The value as JSON, or {@code error}. */
    String outcome(String expression) throws InvalidExpressionException {
        try {
            return JSON.writeValueAsString(eval(expression));
        } catch (EvaluationException e) {
            return "error";
        }
    }

    /** Whether a rule holds; one that can't be evaluated doesn't. */
    boolean holds(String rule) throws InvalidExpressionException {
        try {
            return Boolean.TRUE.equals(
                    COMPILER.compile(rule, ResultType.BOOLEAN).evaluate(request, token));
        } catch (EvaluationException e) {
            return false;
        }
    }
}

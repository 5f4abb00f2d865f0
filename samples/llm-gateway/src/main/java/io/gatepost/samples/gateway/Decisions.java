package io.gatepost.samples.gateway;

import io.gatepost.policy.Decision;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.KeySources;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RequestBuilder;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RequestBody;
import io.gatepost.policy.model.InvalidPolicyException;
import io.gatepost.policy.model.TrafficPolicy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers the lines of {@code decide}. What a line asks twice is answered twice with the same bytes. */
final class Decisions implements AutoCloseable {
    private static final int MAX_DEPTH = 2_000;
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .build();

    private final List<TrafficPolicy> filed;
    private final Engines engines;

    /** @throws InvalidPolicyException where the policies of the files can't be used */
    Decisions(List<TrafficPolicy> filed, KeySources keys) {
        this.filed = filed;
        engines = new Engines(keys);
        engines.of(filed, Set.of());
    }

    /** A line that can't be read: its message holds nothing of it. */
    private static final class UnreadableLineException extends Exception {
        UnreadableLineException(String message) {
            super(message, null, false, false);
        }
    }

    String answer(String line) {
        ObjectNode answer = JSON.createObjectNode().putNull("id");
        try {
            JsonNode asked = JSON.readTree(line);
            answer.set("id", asked.path("id").isMissingNode() ? JSON.nullNode() : asked.path("id"));
            decide(asked, answer);
        } catch (JacksonException e) {
            fail(answer, "the line is not JSON");
        } catch (UnreadableLineException | InvalidPolicyException e) {
            fail(answer, String.valueOf(e.getMessage()));
        }
        return JSON.writeValueAsString(answer);
    }

    private static void fail(ObjectNode answer, String message) {
        answer.putObject("error").put("stage", "load").put("message", message);
    }

    private void decide(JsonNode asked, ObjectNode answer) throws UnreadableLineException {
        VerifiedToken token = token(asked.path("claims"));
        List<TrafficPolicy> policies = asked.hasNonNull("policies") ? policies(asked.path("policies")) : filed;
        Map<String, Object> variables = object(asked.path("variables"), "variables");
        Engines.Phases phases = engines.of(
                token == null ? policies : Engines.withoutAuthentication(policies), new TreeSet<>(variables.keySet()));
        PolicyRequest request;
        try {
            RequestBuilder builder = request(asked.path("request"));
            variables.forEach(builder::attribute);
            request = withBody(builder, asked.path("request").path("body"), phases);
        } catch (IllegalArgumentException e) {
            refuse(answer, 400, "request_malformed", String.valueOf(e.getMessage()));
            return;
        } catch (RejectedBodyException e) {
            refuse(answer, e.response().status(), "body_rejected", "the body cannot be read for the rules");
            return;
        }
        describe(phases.decide(request, token), answer);
    }

    private static @Nullable VerifiedToken token(JsonNode claims) throws UnreadableLineException {
        return claims.isMissingNode() || claims.isNull()
                ? null
                : new VerifiedToken(claims.path("iss").asString(""), null, object(claims, "claims"));
    }

    private static List<TrafficPolicy> policies(JsonNode documents) throws UnreadableLineException {
        List<TrafficPolicy> policies = new ArrayList<>();
        int index = 0;
        for (JsonNode document : documents) {
            String name = "policies[" + index++ + "]";
            List<TrafficPolicy> read = PolicyReader.parse(name, JSON.writeValueAsString(document));
            if (read.isEmpty()) {
                throw new UnreadableLineException(name + ": expected a TrafficPolicy or an AgentgatewayPolicy");
            }
            policies.addAll(read);
        }
        if (!documents.isArray()) {
            throw new UnreadableLineException("policies: expected a list of documents");
        }
        return policies;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(JsonNode node, String name) throws UnreadableLineException {
        if (node.isMissingNode() || node.isNull()) {
            return Map.of();
        }
        if (!node.isObject()) {
            throw new UnreadableLineException(name + ": expected an object");
        }
        return JSON.convertValue(node, Map.class);
    }

    private static RequestBuilder request(JsonNode node) throws UnreadableLineException {
        if (!node.path("method").isString() || !node.path("uri").isString()) {
            throw new UnreadableLineException("request: expected an object with method and uri");
        }
        RequestBuilder request = PolicyRequest.builder(
                node.path("method").stringValue(), node.path("uri").stringValue());
        for (JsonNode header : node.path("headers")) {
            if (!header.path(0).isString() || !header.path(1).isString()) {
                throw new UnreadableLineException("request.headers: expected a list of [name, value]");
            }
            request.header(header.path(0).stringValue(), header.path(1).stringValue());
        }
        if (node.path("sourceAddress").isString()) {
            request.source(node.path("sourceAddress").stringValue(), 0);
        }
        return request;
    }

    private static PolicyRequest withBody(RequestBuilder builder, JsonNode body, Engines.Phases phases)
            throws RejectedBodyException {
        if (!body.isString() || !phases.readsBody()) {
            return builder.build();
        }
        byte[] sent = body.stringValue().getBytes(StandardCharsets.UTF_8);
        if (sent.length > RequestBody.DEFAULT_LIMIT) {
            throw RequestBody.tooLarge(RequestBody.DEFAULT_LIMIT);
        }
        List<String> encodings = builder.build().headers("content-encoding");
        return builder.body(RequestBody.decode(sent, encodings, RequestBody.DEFAULT_LIMIT))
                .build();
    }

    private static void refuse(ObjectNode answer, int status, String reason, String summary) {
        answer.put("decision", "deny").put("status", status).put("reason", reason);
        describe(new Explanation(summary, List.of()), answer);
    }

    private static void describe(Decision decision, ObjectNode answer) {
        if (decision instanceof Decision.Deny deny) {
            answer.put("decision", "deny")
                    .put("status", deny.reason().status())
                    .put("reason", deny.reason().name().toLowerCase(Locale.ROOT));
        } else if (decision instanceof Decision.Allow allow) {
            answer.put("decision", "allow");
            if (allow.token() != null) {
                answer.set("claims", JSON.valueToTree(allow.token().claims()));
            }
        }
        describe(decision.explanation(), answer);
    }

    private static void describe(Explanation explanation, ObjectNode answer) {
        ObjectNode told = answer.putObject("explanation").put("summary", explanation.summary());
        ArrayNode rules = told.putArray("rules");
        explanation
                .rules()
                .forEach(rule -> describe(rule, explanation.decisive().contains(rule), rules.addObject()));
    }

    private static void describe(RuleOutcome rule, boolean decisive, ObjectNode row) {
        row.put("policy", rule.policy().toString())
                .put("action", rule.action().name().toLowerCase(Locale.ROOT))
                .put("expression", rule.expression().text())
                .put("position", rule.expression().origin().place())
                .put("result", rule.result().name().toLowerCase(Locale.ROOT));
        if (rule.error() != null) {
            row.put("error", rule.error());
        } else {
            row.put("value", rule.result() == RuleOutcome.Result.MATCHED);
        }
        if (decisive) {
            ObjectNode parts = row.putObject("parts");
            rule.parts().forEach(part -> parts.put(part.text(), part.value()));
        }
    }

    @Override
    public void close() {
        engines.close();
    }
}

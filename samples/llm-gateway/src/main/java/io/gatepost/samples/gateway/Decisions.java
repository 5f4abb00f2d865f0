package io.gatepost.samples.gateway;

import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.forward.Entry;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.suite.AskedRequest;
import io.gatepost.tools.suite.Engines;
import io.gatepost.tools.suite.UnreadableRequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers the lines of {@code decide}: all of a line's policies apply to its request, whatever they target. What a line
 * asks twice is answered twice with the same bytes.
 */
final class Decisions implements AutoCloseable {
    private final List<TrafficPolicy> filed;
    private final Engines engines;
    private final Entry entry;

    /** @throws InvalidPolicyException where the policies of the files can't be used */
    Decisions(List<TrafficPolicy> filed, KeySources keys, Entry entry) {
        this.filed = filed;
        this.entry = entry;
        engines = new Engines(keys);
        engines.of(filed, Set.of());
    }

    String answer(String line) {
        ObjectNode answer = AskedRequest.JSON.createObjectNode().putNull("id");
        try {
            JsonNode asked = AskedRequest.JSON.readTree(line);
            answer.set("id", asked.path("id").isMissingNode() ? AskedRequest.JSON.nullNode() : asked.path("id"));
            AskedRequest request = AskedRequest.of(asked);
            List<TrafficPolicy> policies = asked.hasNonNull("policies") ? policies(asked.path("policies")) : filed;
            request.ask(entry, policies, engines).writeTo(answer);
        } catch (JacksonException e) {
            fail(answer, "the line is not JSON");
        } catch (UnreadableRequestException | UnreadablePoliciesException | InvalidPolicyException e) {
            fail(answer, String.valueOf(e.getMessage()));
        }
        return AskedRequest.JSON.writeValueAsString(answer);
    }

    private static void fail(ObjectNode answer, String message) {
        answer.putObject("error").put("stage", "load").put("message", message);
    }

    /** What stands under {@code policies} is none. */
    private static final class UnreadablePoliciesException extends Exception {
        UnreadablePoliciesException(String message) {
            super(message, null, false, false);
        }
    }

    private static List<TrafficPolicy> policies(JsonNode documents) throws UnreadablePoliciesException {
        List<TrafficPolicy> policies = new ArrayList<>();
        int index = 0;
        for (JsonNode document : documents) {
            String name = "policies[" + index++ + "]";
            List<TrafficPolicy> read = PolicyReader.parse(name, AskedRequest.JSON.writeValueAsString(document));
            if (read.isEmpty()) {
                throw new UnreadablePoliciesException(name + ": expected a TrafficPolicy or an AgentgatewayPolicy");
            }
            policies.addAll(read);
        }
        if (!documents.isArray()) {
            throw new UnreadablePoliciesException("policies: expected a list of documents");
        }
        return policies;
    }

    @Override
    public void close() {
        engines.close();
    }
}

package io.gatepost.routes.status;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.PolicyTable;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.routes.manifest.Manifests.ReadDocument;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an operator asks of a configuration: which documents were read, what became of each policy, what guards each
 * route.
 *
 * @param documents the documents, of whatever kind, each with its place
 * @param policies the policies with their conditions
 * @param routes what is in force where, line by line as the {@code effective} verb prints it
 */
public record PolicyReport(
        List<Map<String, Object>> documents, List<Map<String, Object>> policies, List<Map<String, Object>> routes) {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    public PolicyReport {
        documents = List.copyOf(documents);
        policies = List.copyOf(policies);
        routes = List.copyOf(routes);
    }

    /**
     * Reports a configuration.
     *
     * @param manifests what was read
     * @param policies what guards each place
     * @param found all that there was to say about the manifests, policies included
     * @return the report
     */
    public static PolicyReport of(Manifests manifests, PolicyTable policies, List<Diagnostic> found) {
        List<TrafficPolicy> inForce = policies.inForce();
        Conditions conditions = new Conditions(manifests, inForce, found);
        return new PolicyReport(
                manifests.documents().stream().map(PolicyReport::document).toList(),
                manifests.documents().stream()
                        .filter(conditions::isPolicy)
                        .map(document -> policy(document, conditions))
                        .toList(),
                PlacePolicy.all(manifests, inForce).stream()
                        .map(at -> route(at, policies.closing(at.policy())))
                        .toList());
    }

    private static Map<String, Object> document(ReadDocument document) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("kind", document.kind());
        members.put("name", document.name().toString());
        members.put("place", document.origin().place());
        return members;
    }

    private static Map<String, Object> policy(ReadDocument document, Conditions conditions) {
        Map<String, Object> members = document(document);
        members.put("conditions", conditions.of(document));
        return members;
    }

    private static Map<String, Object> route(PlacePolicy at, List<ObjectName> closing) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("place", at.place());
        members.put("policy", at.policy().toString().lines().toList());
        members.put("closed_by", closing.stream().map(ObjectName::toString).toList());
        return members;
    }

    /**
     * The report for programs.
     *
     * @return a JSON object with a member for each component
     */
    public String json() {
        return JSON.writeValueAsString(this) + "\n";
    }
}

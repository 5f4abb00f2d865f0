package io.gatepost.tools.explain;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.token.TokenExamination;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is recorded of a decision so that it can be explained when someone asks: the same tree, with the claims that may
 * be recorded and no others, and nothing that a token said that was not verified.
 */
public final class Receipt {
    private static final JsonMapper JSON = JsonMapper.shared();

    private Receipt() {}

    /**
     * Explains a decision for a record. To be asked while the request is being handled.
     *
     * @param policy what is in force
     * @param decision what was decided
     * @param token the checks of the request's credential
     * @param claims the claims that may be recorded, beside subject and issuer
     * @return {@code summary} and {@code tree}, as {@link Explained#json()} has them
     */
    public static Map<String, Object> of(
            EffectivePolicy policy, Decision decision, TokenExamination token, Set<String> claims) {
        List<ExplanationNode> tree = new Tree(false, Discretion.of(claims)).phase("", policy, decision, token);
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("summary", decision.explanation().summary());
        members.put("tree", Explained.array(tree));
        return members;
    }

    /**
     * A record of the audit log, explained.
     *
     * @param record a line of the audit log
     * @param again what was recorded of the request, decided again as it was; null where that was not done
     * @return a JSON object as {@link Explained#json()} has it, with what the record holds; for a denial
     *     {@code advice}, and {@code cures} where it was decided again
     */
    public static String json(JsonNode record, @Nullable Explained again) {
        return JSON.writeValueAsString(explained(record, again));
    }

    /**
     * A record of the audit log, explained for a terminal.
     *
     * @param record a line of the audit log
     * @param again what was recorded of the request, decided again as it was; null where that was not done
     * @return lines, each ended
     */
    public static String text(JsonNode record, @Nullable Explained again) {
        return Explained.text(explained(record, again));
    }

    private static ObjectNode explained(JsonNode record, @Nullable Explained again) {
        ObjectNode told = JSON.createObjectNode();
        told.set("decision", record.path("outcome"));
        if (record.has("reason")) {
            told.set("status", record.path("status"));
            told.set("reason", record.path("reason"));
        }
        told.put("summary", record.at("/explanation/summary").asString(rule(record)));
        told.put(
                "place",
                "request " + record.path("request_id").asString("") + " at "
                        + record.path("time").asString("") + ": "
                        + record.path("method").asString("") + " "
                        + record.path("path").asString("") + ", "
                        + record.path("route").asString("")
                        + (record.has("model") ? ", model " + record.path("model") : "")
                        + (record.has("subject") ? ", subject " + record.path("subject") : ""));
        told.set("tree", record.has("explanation") ? record.at("/explanation/tree") : JSON.createArrayNode());
        if (record.has("reason") && again != null) {
            again.addCures(told);
            told.put("advice", "the above; what is not recorded of the request counted as absent");
        } else if (record.has("reason")) {
            told.put("advice", advice(record.path("reason").asString("")));
        }
        return told;
    }

    private static String rule(JsonNode record) {
        if (record.has("rules")) {
            List<String> places = new ArrayList<>();
            record.path("rules")
                    .forEach(rule -> places.add(rule.path("rule_at").asString("") + ": `"
                            + rule.path("rule").asString("") + "`"));
            int count = record.path("rules_count").asInt(places.size());
            return (record.has("reason")
                            ? "no Allow expression held of " + count + ": "
                            : "all " + count + " Require expressions held: ")
                    + String.join("; ", places)
                    + (count > places.size() ? "; and " + (count - places.size()) + " more" : "");
        }
        return record.has("rule")
                ? "decided by " + record.path("rule_at").asString("") + ": `"
                        + record.path("rule").asString("") + "` of "
                        + record.path("policy").asString("")
                : "decided by no rule; serve with --audit-explain records why";
    }

    private static String advice(String reason) {
        for (DenyReason known : DenyReason.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(reason)) {
                return advice(known);
            }
        }
        return "";
    }

    private static String advice(DenyReason reason) {
        return switch (reason) {
            case REQUEST_MALFORMED -> "a request that can be read in one way only";
            case CREDENTIAL_AMBIGUOUS -> "one credential; look for a proxy that adds a second Authorization header";
            case TOKEN_MISSING -> "a token of one of the providers";
            case TOKEN_MALFORMED -> "a signed JWT in compact form, not an API key or an opaque token";
            case ISSUER_UNTRUSTED -> "a token of one of the providers' issuers; compare `iss`, to the last slash";
            case KEY_UNKNOWN -> "a token signed with a key that the issuer publishes; look at its key rotation";
            case ALGORITHM_NOT_ALLOWED -> "a token signed with an asymmetric algorithm that its key allows";
            case SIGNATURE_INVALID -> "the token as the issuer signed it";
            case TOKEN_EXPIRED -> "a fresh token";
            case TOKEN_NOT_YET_VALID -> "a token that is valid already; look at the clocks";
            case AUDIENCE_MISMATCH -> "a token for one of the provider's audiences";
            case CLAIM_MISSING -> "a token with the claims that the provider requires";
            case TOKEN_TYPE_MISMATCH -> "a token of the provider's `tokenType`, such as an access token";
            case CLAIM_INVALID -> "a token whose registered claims have the types of RFC 7519";
            case KEYS_UNAVAILABLE -> "keys of the issuer that can be read; look at gatepost_jwks_*";
            case OVERLOADED -> "a moment with fewer new tokens; look for a flood of forged ones";
            case RULE_DENIED, RULE_NOT_MATCHED, RULE_FAILED ->
                "another request or other claims: `why --file` finds which where the record holds enough, else `explain`, given"
                        + " the request";
            case POLICY_INVALID -> "a policy that loads: `validate` says what is wrong with it";
        };
    }
}

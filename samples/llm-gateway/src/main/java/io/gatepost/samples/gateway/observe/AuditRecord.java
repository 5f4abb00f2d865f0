package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.ObjectName;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is recorded of one decision. Of tokens only what was verified. Immutable.
 *
 * @param time when it was decided
 * @param requestId the gateway's name for the request
 * @param route the route, or the gateway where no route was chosen yet
 * @param method the method; {@code _OTHER} for one that no standard knows
 * @param path the path without the query
 * @param reason why it was refused; null where it was allowed
 * @param status what it was refused with; 0 where it was allowed
 * @param subject the verified token's subject; null for none
 * @param issuer the verified token's issuer; null for none
 * @param model the model that the client asked for, bounded and in printable characters; null where that is not known
 * @param policy the policy that decided; null for none, and for several
 * @param rules the rules that decided: one, or those of which none held, or all; empty where none did
 * @param claims the claims on the allow-list that the token has
 * @param shadows what policies in shadow would have said, by their names
 * @param explanation why it was refused, in full; null where that is not recorded
 */
record AuditRecord(
        Instant time,
        String requestId,
        String route,
        String method,
        String path,
        @Nullable DenyReason reason,
        int status,
        @Nullable String subject,
        @Nullable String issuer,
        @Nullable String model,
        @Nullable ObjectName policy,
        List<MatchExpression> rules,
        Map<String, @Nullable Object> claims,
        Map<String, String> shadows,
        @Nullable Map<String, Object> explanation) {
    private static final int RULES = 8;

    AuditRecord {
        rules = List.copyOf(rules);
    }

    /** Keeps nothing of the request itself, which ends before this is written. */
    static AuditRecord of(
            PolicyRequest request,
            String route,
            Decision decision,
            @Nullable ObjectName policy,
            List<RuleOutcome> decisive,
            List<String> names,
            @Nullable Map<String, Object> explanation) {
        VerifiedToken token = decision.token();
        return new AuditRecord(
                Instant.now(),
                RequestText.id(request),
                route,
                RequestText.method(request),
                RequestText.path(request),
                decision instanceof Decision.Deny deny ? deny.reason() : null,
                decision instanceof Decision.Deny deny ? deny.reason().status() : 0,
                token == null ? null : token.subject(),
                token == null ? null : token.issuer(),
                RequestText.model(decision),
                policy,
                decisive.stream().map(RuleOutcome::expression).toList(),
                claims(token, names),
                shadows(decision),
                explanation);
    }

    /** Of a head that nobody could read, the time and the name are all there is to tell. */
    static AuditRecord ofHead(String requestId, int status) {
        return new AuditRecord(
                Instant.now(),
                requestId,
                "",
                Methods.OTHER,
                "",
                DenyReason.REQUEST_MALFORMED,
                status,
                null,
                null,
                null,
                null,
                List.of(),
                Map.of(),
                Map.of(),
                null);
    }

    private static Map<String, String> shadows(Decision decision) {
        Map<String, String> shadows = new LinkedHashMap<>();
        for (Explanation.Shadow shadow : decision.explanation().shadows()) {
            DenyReason reason = shadow.reason();
            shadows.put(
                    shadow.policy().toString(),
                    reason == null ? "allow" : reason.name().toLowerCase(Locale.ROOT));
        }
        return shadows;
    }

    private static Map<String, @Nullable Object> claims(@Nullable VerifiedToken token, List<String> names) {
        if (token == null || names.isEmpty()) {
            return Map.of();
        }
        Map<String, @Nullable Object> claims = new LinkedHashMap<>();
        for (String name : names) {
            if (token.claims().containsKey(name)) {
                claims.put(name, token.claims().get(name));
            }
        }
        return claims;
    }

    /** The members of its JSON object; those that there is nothing to say for are absent. */
    Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("time", time.toString());
        put("request_id", requestId, members);
        members.put("route", route);
        members.put("method", method);
        members.put("path", path);
        outcome(members);
        put("subject", subject, members);
        put("issuer", issuer, members);
        put("model", model, members);
        put("policy", policy == null ? null : policy.toString(), members);
        rules(members);
        if (!claims.isEmpty()) {
            members.put("claims", claims);
        }
        if (!shadows.isEmpty()) {
            members.put("shadow", shadows);
        }
        if (explanation != null) {
            members.put("explanation", explanation);
        }
        return members;
    }

    /** None of several is to blame alone: they are counted, and the first ones written down. */
    private void rules(Map<String, Object> members) {
        if (rules.size() == 1) {
            members.putAll(rule(rules.get(0)));
        } else if (!rules.isEmpty()) {
            members.put(
                    "rules", rules.stream().limit(RULES).map(AuditRecord::rule).toList());
            members.put("rules_count", rules.size());
        }
    }

    private static Map<String, Object> rule(MatchExpression rule) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("rule", rule.text());
        put("rule_at", rule.origin().place(), members);
        return members;
    }

    private void outcome(Map<String, Object> members) {
        members.put("outcome", reason == null ? "allow" : "deny");
        if (reason != null) {
            members.put("status", status);
            members.put("reason", reason.name().toLowerCase(Locale.ROOT));
        }
    }

    private static void put(String name, @Nullable String value, Map<String, Object> members) {
        if (value != null && !value.isEmpty()) {
            members.put(name, value);
        }
    }
}

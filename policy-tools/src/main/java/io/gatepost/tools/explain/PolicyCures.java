package io.gatepost.tools.explain;

import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.MatchExpression;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a policy would have to say for this caller to pass, and nobody else: no cure that lets in one without a token,
 * or another subject from elsewhere, that is refused today.
 */
final class PolicyCures {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int LONGEST = 2_000;

    private PolicyCures() {}

    /** @param scenario the request with what its verified token claims; without a subject there is no cure */
    static List<Cure> of(
            ScenarioEngines engines, RoutePolicies policies, Scenario scenario, List<RuleOutcome> decisive) {
        String caller = caller(scenario);
        return caller == null
                ? List.of()
                : decisive.stream()
                        .flatMap(rule -> of(engines, policies, scenario, rule, caller))
                        .limit(1)
                        .toList();
    }

    private static Stream<Cure> of(
            ScenarioEngines engines, RoutePolicies policies, Scenario scenario, RuleOutcome rule, String caller) {
        MatchExpression written = rule.expression();
        String request = request(scenario, written.text());
        String text = switch (rule.action()) {
            case ALLOW -> caller + request;
            case REQUIRE -> "(" + written.text().strip() + ") || (" + caller + request + ")";
            case DENY -> "(" + written.text().strip() + ") && !(" + caller + request + ")";
        };
        if (text.length() > LONGEST) {
            return Stream.empty();
        }
        boolean beside = rule.action() == AuthorizationAction.ALLOW;
        MatchExpression changed = new MatchExpression(text, written.origin());
        RoutePolicies other = ChangedPolicies.withRule(
                policies, rule.policy(), written, beside ? List.of(written, changed) : List.of(changed));
        if (!engines.allows(scenario, other) || opensMore(engines, policies, other, scenario)) {
            return Stream.empty();
        }
        String place = written.origin().place();
        String told =
                "in the policy " + rule.policy() + (place.isEmpty() ? "" : " at " + place) + ", for this subject's"
                        + " request only: " + (beside ? "one more expression, `" : "in its place `") + text + "`";
        return Stream.of(new Cure(List.of(new Change(Change.Kind.POLICY, place, told))));
    }

    private static @Nullable String caller(Scenario scenario) {
        Map<String, @Nullable Object> claims = scenario.claims();
        if (claims == null || !(claims.get("sub") instanceof String subject)) {
            return null;
        }
        String issuer = claims.get("iss") instanceof String iss ? "jwt.iss == " + quoted(iss) + " && " : "";
        return issuer + "jwt.sub == " + quoted(subject);
    }

    /** The request as it is, also in what the rule looks at. */
    private static String request(Scenario scenario, String rule) {
        StringBuilder text = new StringBuilder();
        for (String path : List.of("request.method", "request.path", "llm.requestModel", "source.address")) {
            if ((path.startsWith("request.") || rule.contains(path))
                    && Paths.read(scenario, path) instanceof String value) {
                text.append(" && ").append(path).append(" == ").append(quoted(value));
            }
        }
        return text.toString();
    }

    private static String quoted(String text) {
        return JSON.writeValueAsString(text);
    }

    /** Whether somebody else passes then who does not today: found by asking for them. */
    private static boolean opensMore(
            ScenarioEngines engines, RoutePolicies policies, RoutePolicies changed, Scenario scenario) {
        Map<String, @Nullable Object> claims =
                new LinkedHashMap<>(scenario.claims() == null ? Map.of() : scenario.claims());
        claims.put("sub", "somebody-else");
        Scenario elsewhere = scenario.withRequest(scenario.request().withSource("203.0.113.7"));
        return Stream.of(
                        scenario.withClaims(null),
                        elsewhere.withClaims(null),
                        scenario.withClaims(claims),
                        elsewhere.withClaims(claims))
                .anyMatch(other -> engines.allowedByRules(other, changed) && !engines.allowedByRules(other, policies));
    }
}

package io.gatepost.tools.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No cure opens a door for everybody: what is offered is another request or token, or a rule for this subject only. */
class CarefulCuresTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-25T22:00:00Z"), ZoneOffset.UTC);
    private static final Pattern EXPRESSION = Pattern.compile("(one more expression, |in its place )`(.*)`$");
    private static final Map<String, @Nullable Object> BOB = Map.of(
            "iss", "https://id.example.com", "sub", "bob", "team", "blue", "level", 1L, "roles", List.of("staff"));

    /** @param first how the first cure begins */
    private record Case(AuthorizationAction action, EvaluationErrorPolicy onError, String rule, String first) {
        @Override
        public String toString() {
            return action + " " + rule;
        }

        TrafficPolicy policy(List<String> expressions) {
            return TrafficPolicy.of(
                    "guard",
                    null,
                    new Authorization(
                            action,
                            expressions.stream()
                                    .map(text -> new MatchExpression(text, Origin.CODE))
                                    .toList(),
                            onError,
                            Origin.CODE));
        }
    }

    private static Case allow(String rule, String first) {
        return new Case(AuthorizationAction.ALLOW, EvaluationErrorPolicy.DENY, rule, first);
    }

    private static Case require(String rule, String first) {
        return new Case(AuthorizationAction.REQUIRE, EvaluationErrorPolicy.DENY, rule, first);
    }

    private static Case deny(String rule, String first) {
        return new Case(AuthorizationAction.DENY, EvaluationErrorPolicy.DENY, rule, first);
    }

    static Stream<Case> cases() {
        String office = "cidr(\"10.0.0.0/8\").containsIP(source.address)";
        String hours = "request.startTime.getHours() >= 8 && request.startTime.getHours() < 18";
        return Stream.of(
                allow(office, "client address within 10.0.0.0/8"),
                require(office, "client address within 10.0.0.0/8"),
                deny("!" + office, "client address within 10.0.0.0/8"),
                allow(hours, "another time, such as 2026-11-26T08:00:00Z"),
                require(hours, "another time, such as 2026-11-26T08:00:00Z"),
                deny("request.startTime.getHours() >= 18", "another time, such as 2026-11-26T00:00:00Z"),
                allow("jwt.team == \"red\"", "claim `team` \"red\""),
                require("jwt.level >= 3", "claim `level` 3"),
                deny("jwt.team == \"blue\"", ""),
                deny("jwt.banned == true", "claim `banned`"),
                deny("has(jwt.team)", "no claim `team`"),
                new Case(
                        AuthorizationAction.DENY,
                        EvaluationErrorPolicy.IGNORE,
                        "jwt.team == \"blue\" || request.path == \"/v1/chat\"",
                        ""),
                allow("request.headers[\"x-team\"] == \"red\"", "header `x-team` \"red\""),
                allow("request.headers[\"x-forwarded-user\"] == \"alice\"", "in the policy default/guard, for this"),
                require(
                        "request.headers[\"X-Auth-Request-Email\"] == \"a@b\"",
                        "in the policy default/guard, for this"),
                allow("llm.requestModel == \"mini\"", "member `model` of the body \"mini\""),
                deny("llm.requestModel == \"nano\"", "member `model` of the body other than \"nano\""),
                allow("request.method == \"GET\"", "method \"GET\""),
                deny("request.path.startsWith(\"/v1\")", "path other than with \"/v1\""),
                allow("\"admin\" in jwt.roles", "claim `roles` with \"admin\" in it"),
                allow("false", "in the policy default/guard, for this subject's request only"),
                require("false", "in the policy default/guard, for this subject's request only"),
                deny("true", "in the policy default/guard, for this subject's request only"));
    }

    private static PolicyRequest request() {
        return PolicyRequest.builder("POST", "http://llm.example.com/v1/chat")
                .source("192.0.2.1", 1)
                .attribute("request.startTime", CLOCK.instant())
                .body("{\"model\":\"nano\"}".getBytes(StandardCharsets.UTF_8))
                .build();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void noCureLetsInAnybodyElse(Case one) {
        Explained explained = new Explainer(null, CLOCK)
                .explain(RoutePolicies.of(List.of(one.policy(List.of(one.rule())))), request(), BOB);
        assertThat(explained.decision()).isInstanceOf(Decision.Deny.class);
        assertThat(explained.cures()).isNotEmpty();
        assertThat(explained.cures().get(0).toString()).startsWith(one.first());
        List<Boolean> kinds =
                explained.cures().stream().map(Cure::changesPolicy).toList();
        assertThat(kinds).as("changes of the policy are last").isSorted();
        for (Cure cure : explained.cures()) {
            assertThat(cure.toString()).doesNotContain("action", "Permissive", "Optional", "Ignore", "x-forwarded");
            if (cure.changesPolicy()) {
                isForBobOnly(one, cure);
            }
        }
    }

    /** The policy as the cure has it, asked about others who were refused. */
    private static void isForBobOnly(Case one, Cure cure) {
        Matcher told = EXPRESSION.matcher(cure.toString());
        assertThat(told.find()).isTrue();
        List<String> expressions = new ArrayList<>(List.of(told.group(2)));
        if (told.group(1).startsWith("one more")) {
            expressions.add(one.rule());
        }
        RoutePolicies before = RoutePolicies.of(List.of(one.policy(List.of(one.rule()))));
        RoutePolicies after = RoutePolicies.of(List.of(one.policy(expressions)));
        assertThat(allows(after, BOB)).isTrue();
        for (Map<String, @Nullable Object> other : List.<Map<String, @Nullable Object>>of(
                Map.of(), Map.of("sub", "mallory"), Map.of("iss", "https://other.example.com", "sub", "bob"))) {
            assertThat(allows(after, other)).as("%s for %s", cure, other).isEqualTo(allows(before, other));
        }
    }

    private static boolean allows(RoutePolicies guard, Map<String, @Nullable Object> claims) {
        try (Simulation rulings = new Simulation(any -> guard, null, CLOCK)) {
            Decision decision =
                    claims.isEmpty() ? rulings.decide(request()) : rulings.decideVerified(request(), claims);
            return decision instanceof Decision.Allow;
        }
    }

    @Test
    void withoutASubjectThePolicyStaysAsItIs() {
        Case one = deny("true", "");
        Explained explained = new Explainer(null, CLOCK)
                .explain(RoutePolicies.of(List.of(one.policy(List.of(one.rule())))), request(), Map.of("team", "red"));
        assertThat(explained.cures()).isEmpty();
    }
}

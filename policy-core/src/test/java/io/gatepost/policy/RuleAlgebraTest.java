package io.gatepost.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.request.RequestBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Modes, tokens and the algebra of Allow, Deny and Require: every small combination against a table written another
 * way.
 */
class RuleAlgebraTest {
    private static final PolicyRequest REQUEST =
            PolicyRequest.builder("GET", "http://localhost/").build();
    private static final RsaJsonWebKey KEY = key();
    private static final List<List<String>> UP_TO_TWO = upToTwo(List.of("true", "false", "fail"));

    private static RsaJsonWebKey key() {
        try {
            return RsaJwkGenerator.generateJwk(2048);
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void allowsWithoutAnyRule() {
        assertThat(decide(List.of())).isInstanceOf(Decision.Allow.class);
    }

    /** What a request bears. */
    private enum Offer {
        NOTHING,
        GOOD,
        EXPIRED,
        TWO
    }

    @ParameterizedTest
    @EnumSource
    void agreesWithTheTruthTableForUpToTwoRulesPerActionOverTwoPolicies(JwtMode mode) throws JoseException {
        Map<Offer, PolicyRequest> requests = requests();
        TrafficPolicy authentication = TrafficPolicy.of("who", JwtAuthentication.of(mode, provider()), null);
        List<String> wrong = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        List<Rules> all = Rules.all(mode);
        // Each verifies tokens of its own, which takes seconds: every seventh, all of them with -P nightly.
        int step = Boolean.getBoolean("gatepost.nightly") ? 1 : 7;
        for (int i = 0; i < all.size(); i += step) {
            Rules rules = all.get(i);
            List<TrafficPolicy> policies = new ArrayList<>(rules.policies());
            policies.add(authentication);
            try (PolicyEngine engine = engine(policies)) {
                requests.forEach((offer, request) -> {
                    String answer = answer(engine.decide(request));
                    String expected = truth(mode, offer, rules);
                    answers.add(answer);
                    if (!answer.equals(expected)) {
                        wrong.add(offer + " " + rules + ": " + answer + " instead of " + expected);
                    }
                });
            }
        }
        assertThat(wrong).isEmpty();
        // 13 lists of up to two outcomes, 6 of them with an error; 4 of up to one, 1 of them with an error.
        int apart = (13 + 6) * 13 * 13;
        int together = apart - (4 + 1) * 4 * 4;
        assertThat(all).hasSize(mode == JwtMode.STRICT ? apart + together : apart);
        assertThat(answers).hasSize(4 * ((all.size() + step - 1) / step));
    }

    /** What docs/semantics.md says, line by line. */
    private static String truth(JwtMode mode, Offer offer, Rules rules) {
        if (offer == Offer.TWO) {
            return "CREDENTIAL_AMBIGUOUS";
        }
        if (mode == JwtMode.STRICT && offer == Offer.NOTHING) {
            return "TOKEN_MISSING";
        }
        if (mode != JwtMode.PERMISSIVE && offer == Offer.EXPIRED) {
            return "TOKEN_EXPIRED";
        }
        if (rules.denies.contains("true")) {
            return "RULE_DENIED";
        }
        if (rules.denies.contains("fail") && rules.onError == EvaluationErrorPolicy.DENY) {
            return "RULE_FAILED";
        }
        boolean requirementMissed = rules.requires.contains("false") || rules.requires.contains("fail");
        boolean allowMissed = !rules.allows.isEmpty() && !rules.allows.contains("true");
        return requirementMissed || allowMissed
                ? "RULE_NOT_MATCHED"
                : offer == Offer.GOOD ? "allowed as alice, credential stripped" : "allowed as nobody";
    }

    private static String answer(Decision decision) {
        if (decision instanceof Decision.Deny deny) {
            return deny.reason().name();
        }
        Decision.Allow allow = (Decision.Allow) decision;
        return "allowed as " + (allow.token() == null ? "nobody" : allow.token().subject())
                + (allow.credentials().isEmpty() ? "" : ", credential stripped");
    }

    private static JwtProvider provider() {
        return JwtProvider.of("i", new JwksSource.Inline("{\"keys\":[" + KEY.toJson() + "]}"));
    }

    private static Map<Offer, PolicyRequest> requests() throws JoseException {
        String good = "Bearer " + token("4102444800");
        String expired = "Bearer " + token("1");
        return Map.of(
                Offer.NOTHING, REQUEST,
                Offer.GOOD, request(good),
                Offer.EXPIRED, request(expired),
                Offer.TWO, request(good, expired));
    }

    private static PolicyRequest request(String... authorizations) {
        RequestBuilder request = PolicyRequest.builder("GET", "http://localhost/");
        List.of(authorizations).forEach(value -> request.header("Authorization", value));
        return request.build();
    }

    private static String token(String expiry) throws JoseException {
        JsonWebSignature token = new JsonWebSignature();
        token.setPayload("{\"iss\":\"i\",\"sub\":\"alice\",\"exp\":" + expiry + "}");
        token.setAlgorithmHeaderValue("RS256");
        token.setKey(KEY.getPrivateKey());
        return token.getCompactSerialization();
    }

    /** Up to two expressions per action; the two stand in one policy or in one each. */
    private record Rules(
            List<String> denies,
            List<String> requires,
            List<String> allows,
            EvaluationErrorPolicy onError,
            boolean split) {
        static List<Rules> all(JwtMode mode) {
            List<Rules> all = new ArrayList<>();
            for (List<String> denies : UP_TO_TWO) {
                for (List<String> requires : UP_TO_TWO) {
                    for (List<String> allows : UP_TO_TWO) {
                        for (EvaluationErrorPolicy onError : EvaluationErrorPolicy.values()) {
                            for (boolean split : new boolean[] {false, true}) {
                                all.add(new Rules(denies, requires, allows, onError, split));
                            }
                        }
                    }
                }
            }
            return all.stream().filter(rules -> rules.isUnlikeTheOthers(mode)).toList();
        }

        /** No error to ignore is the same as ignoring it; that two rules share a policy is tried in one mode. */
        private boolean isUnlikeTheOthers(JwtMode mode) {
            boolean together = Stream.of(denies, requires, allows).anyMatch(texts -> texts.size() == 2);
            return (split || (together && mode == JwtMode.STRICT))
                    && (onError == EvaluationErrorPolicy.DENY || denies.contains("fail"));
        }

        List<TrafficPolicy> policies() {
            List<TrafficPolicy> policies = new ArrayList<>();
            add(AuthorizationAction.ALLOW, allows, policies);
            add(AuthorizationAction.REQUIRE, requires, policies);
            add(AuthorizationAction.DENY, denies, policies);
            return policies;
        }

        private void add(AuthorizationAction action, List<String> texts, List<TrafficPolicy> policies) {
            int size = split ? 1 : 2;
            for (int from = 0; from < texts.size(); from += size) {
                List<MatchExpression> part = texts.subList(from, Math.min(from + size, texts.size())).stream()
                        .map(text -> new MatchExpression(text, Origin.CODE))
                        .toList();
                policies.add(TrafficPolicy.of(
                        action + " " + from, null, new Authorization(action, part, onError, Origin.CODE)));
            }
        }
    }

    @Test
    void saysWhichRuleDeniedAndWhatTheOthersCameTo() {
        Decision decision = decide(List.of(policy("p", AuthorizationAction.DENY, List.of("false", "true"))));

        assertThat(decision).isInstanceOfSatisfying(Decision.Deny.class, deny -> {
            assertThat(deny.reason()).isEqualTo(DenyReason.RULE_DENIED);
            assertThat(deny.challenge()).isNull();
            assertThat(deny.explanation().summary()).isEqualTo("a Deny expression held: `true`");
            assertThat(deny.explanation().rules())
                    .extracting(RuleOutcome::result)
                    .containsExactly(RuleOutcome.Result.NOT_MATCHED, RuleOutcome.Result.MATCHED);
        });
    }

    @Test
    void deniesWhereADenyExpressionCannotBeEvaluated() {
        Decision decision = decide(List.of(policy("p", AuthorizationAction.DENY, List.of("fail"))));

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Deny.class, deny -> assertThat(deny.reason()).isEqualTo(DenyReason.RULE_FAILED));
        assertThat(decision.explanation().summary()).endsWith("`fail` (no such key)");
    }

    @Test
    void namesTheDenyThatHoldsRatherThanOneThatCanNotBeEvaluated() {
        Decision decision = decide(List.of(policy("p", AuthorizationAction.DENY, List.of("fail", "true"))));

        assertThat(decision.explanation().decisive())
                .singleElement()
                .satisfies(rule -> assertThat(rule.expression().text()).isEqualTo("true"));
    }

    @Test
    void namesEveryAllowExpressionWhereNoneHeld() {
        Decision decision = decide(List.of(
                policy("r", AuthorizationAction.REQUIRE, List.of("true")),
                policy("p", AuthorizationAction.ALLOW, List.of("false", "fail"))));

        assertThat(decision.explanation().decisive())
                .extracting(rule -> rule.expression().text())
                .containsExactly("false", "fail");
    }

    @Test
    void blamesNoAllowExpressionMoreThanAnother() {
        assertThat(decide(List.of(policy("p", AuthorizationAction.ALLOW, List.of("false", "fail"))))
                        .explanation()
                        .summary())
                .isEqualTo("no Allow expression held of 2: `false`; `fail` (no such key)");
        assertThat(decide(List.of(policy(
                                "p", AuthorizationAction.ALLOW, List.of("false", "fail", "false", "false", "fail"))))
                        .explanation()
                        .summary())
                .isEqualTo("no Allow expression held of 5: `false`; `fail` (no such key); `false`; and 2 more");
        assertThat(decide(List.of(policy("p", AuthorizationAction.ALLOW, List.of("false"))))
                        .explanation()
                        .summary())
                .isEqualTo("no Allow expression held: `false`");
    }

    @Test
    void countsAResultThatIsNoBooleanAsAnError() {
        assertThat(decide(List.of(policy("p", AuthorizationAction.ALLOW, List.of("text")))))
                .isInstanceOf(Decision.Deny.class);
        assertThat(decide(List.of(policy("p", AuthorizationAction.DENY, List.of("text")))))
                .isInstanceOf(Decision.Deny.class);
    }

    private static TrafficPolicy policy(String name, AuthorizationAction action, List<String> expressions) {
        return TrafficPolicy.of(name, null, Authorization.of(action, expressions.toArray(String[]::new)));
    }

    private static Decision decide(List<TrafficPolicy> policies) {
        return engine(policies).decide(REQUEST);
    }

    private static PolicyEngine engine(List<TrafficPolicy> policies) {
        return PolicyEngine.builder()
                .policies(policies)
                .allowingEverything()
                .expressions(new ConstantExpressions())
                .build();
    }

    private static List<List<String>> upToTwo(List<String> outcomes) {
        List<List<String>> lists = new ArrayList<>();
        lists.add(List.of());
        for (String first : outcomes) {
            lists.add(List.of(first));
            for (String second : outcomes) {
                lists.add(List.of(first, second));
            }
        }
        return lists;
    }
}

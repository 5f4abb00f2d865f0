package io.gatepost.policy.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.ConstantExpressions;
import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DESIGN's difference 14, where rules read the body: no other model in query or path. */
class NamedModelTest {
    private static final String MODEL = "ft:nano:a b";

    private final PolicyEngine engine = PolicyEngine.builder()
            .policies(List.of(
                    TrafficPolicy.of("p", null, Authorization.of(AuthorizationAction.ALLOW, "reads request.body"))))
            .expressions(new ConstantExpressions())
            .build();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/chat/completions?model=pro",
                "/v1/chat/completions?m%6fdel=pro",
                "/v1/chat/completions?model=ft:nano:a+b&model=pro",
                "/v1/chat/completions?a=b;model=pro",
                "/v1/chat/completions?model",
                "/openai/deployments/pro/chat/completions",
                "/v1/engines/pro/completions",
                "/v1/models/pro/infer",
                "/v1beta/models/pro:generateContent",
                "/v1/models/ft:nano:a+b/infer"
            })
    void refusesAnotherModelThanTheBodys(String target) {
        assertThat(decide(target, body(MODEL)))
                .isInstanceOfSatisfying(
                        Decision.Deny.class, deny -> assertThat(deny.reason()).isEqualTo(DenyReason.REQUEST_MALFORMED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/chat/completions",
                "/v1/chat/completions?model=ft:nano:a+b&x=pro",
                "/v1/chat/completions?model=ft%3Anano%3Aa%20b",
                "/openai/deployments/ft:nano:a%20b/chat/completions",
                "/v1beta/models/ft:nano:a%20b:generateContent",
                "/v1/models/pro",
                "/v1/models"
            })
    void letsTheSameModelPass(String target) {
        assertThat(decide(target, body(MODEL))).isInstanceOf(Decision.Allow.class);
    }

    /** Servers in Go take a member's name in any case of letters, and the last of several. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"model\":\"a\",\"Model\":\"pro\"}", "{\"MODEL\":\"pro\"}", "{\"mod\\u0045l\":\"pro\"}"})
    void refusesAModelInOtherLetters(String body) {
        assertThat(decide("/v1/chat/completions", body)).isInstanceOf(Decision.Deny.class);
    }

    @Test
    void neverThrowsForATargetThatCanNotBeRead() {
        assertThat(decide("/v1/models/%zz/infer", body(MODEL))).isInstanceOf(Decision.Deny.class);
    }

    private Decision decide(String target, String body) {
        return engine.decide(
                PolicyRequest.builder("POST", target).body(body.getBytes(UTF_8)).build());
    }

    private static String body(String model) {
        return "{\"model\":\"" + model + "\"}";
    }
}

package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.BodySource;
import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RequestBody;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.Enforcement;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.model.TrafficPolicy.Inheritance;
import io.gatepost.tools.token.TokenIssuer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Nothing of a body is read before the credential has passed. */
class BodySourceTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    private static final String BODY = "{\"model\":\"small\"}";

    /** Counts who asks. */
    private static final class Counted implements BodySource {
        private final CompletableFuture<byte[]> body = new CompletableFuture<>();
        private int asked;

        @Override
        public CompletionStage<byte[]> read() {
            asked++;
            return body;
        }
    }

    private final Counted source = new Counted();

    @Test
    void isAskedOnlyOnceTheTokenIsVerified() {
        PolicyEngine engine = engine(JwtMode.STRICT, "llm.requestModel == 'small'");

        assertThat(decide(engine, request("x.y.z"))).isInstanceOf(Decision.Deny.class);
        assertThat(decide(engine, request(null))).isInstanceOf(Decision.Deny.class);
        assertThat(source.asked).isZero();

        CompletableFuture<Decision> pending =
                pending(engine, request(ISSUER.token().compact()));
        assertThat(source.asked).isEqualTo(1);
        assertThat(pending).isNotDone();
        source.body.complete(BODY.getBytes(UTF_8));
        assertThat(pending.join()).isInstanceOf(Decision.Allow.class);
    }

    @Test
    void isAskedWithoutATokenWhereNoneIsDemanded() {
        source.body.complete("{\"model\":\"large\"}".getBytes(UTF_8));

        assertThat(decide(engine(JwtMode.OPTIONAL, "llm.requestModel == 'small'"), request(null)))
                .isInstanceOf(Decision.Deny.class);
        assertThat(source.asked).isEqualTo(1);
    }

    @Test
    void isNotAskedWhereNoRuleReadsABody() {
        assertThat(decide(
                        engine(JwtMode.STRICT, "jwt.sub == 'alice'"),
                        request(ISSUER.token().compact())))
                .isInstanceOf(Decision.Allow.class);
        assertThat(source.asked).isZero();
    }

    @Test
    void isNotAskedForAShadowAlone() {
        Authorization read = Authorization.of(AuthorizationAction.ALLOW, "llm.requestModel == 'small'");
        JwtAuthentication anybody = JwtAuthentication.of(JwtMode.OPTIONAL, ISSUER.provider());
        TrafficPolicy strict = TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, ISSUER.provider()), read);
        TrafficPolicy shadow = new TrafficPolicy(
                new ObjectName("default", "s"),
                List.of(),
                List.of(),
                Phase.POST_ROUTING,
                Inheritance.DEFAULT,
                anybody,
                read,
                Origin.CODE,
                Enforcement.SHADOW);
        PolicyEngine engine = PolicyEngine.builder()
                .policies(List.of(strict, shadow))
                .expressions(new CelExpressionCompiler())
                .build();

        assertThat(decide(engine, request(null))).isInstanceOf(Decision.Deny.class);
        assertThat(source.asked).isZero();
    }

    @Test
    void failsTheDecisionWithWhatItFailsWith() {
        PolicyEngine engine = engine(JwtMode.STRICT, "llm.requestModel == 'small'");
        CompletableFuture<Decision> pending =
                pending(engine, request(ISSUER.token().compact()));

        source.body.completeExceptionally(RequestBody.tooLarge(10));

        assertThatThrownBy(pending::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(RejectedBodyException.class);
    }

    @Test
    void saysOneThingOrIsRefused() {
        PolicyEngine engine = engine(JwtMode.STRICT, "llm.requestModel == 'small'");
        source.body.complete("{\"model\":\"small\",\"model\":\"large\"}".getBytes(UTF_8));

        assertThat(decide(engine, request(ISSUER.token().compact())))
                .isInstanceOfSatisfying(
                        Decision.Deny.class, deny -> assertThat(deny.reason()).isEqualTo(DenyReason.REQUEST_MALFORMED));
    }

    private CompletableFuture<Decision> pending(PolicyEngine engine, PolicyRequest request) {
        return engine.decideAsync(request, null, source).toCompletableFuture();
    }

    private Decision decide(PolicyEngine engine, PolicyRequest request) {
        return pending(engine, request).join();
    }

    private static PolicyEngine engine(JwtMode mode, String allowed) {
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of(
                        "p",
                        JwtAuthentication.of(mode, ISSUER.provider()),
                        Authorization.of(AuthorizationAction.ALLOW, allowed))))
                .expressions(new CelExpressionCompiler())
                .build();
    }

    private static PolicyRequest request(@Nullable String token) {
        return token == null
                ? PolicyRequest.builder("POST", "/v1/chat/completions").build()
                : PolicyRequest.builder("POST", "/v1/chat/completions")
                        .header("Authorization", "Bearer " + token)
                        .build();
    }
}

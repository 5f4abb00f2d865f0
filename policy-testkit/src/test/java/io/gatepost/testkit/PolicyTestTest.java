package io.gatepost.testkit;

import static io.gatepost.testkit.GatepostAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.suite.CaseResult;
import io.gatepost.tools.suite.PolicyCase;
import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class PolicyTestTest {
    private static final String EXAMPLE = "../samples/policy-tests/policies";
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://id.example.com");
    private static final PolicyEngine ENGINE = PolicyEngine.builder()
            .policies(List.of(TrafficPolicy.of(
                    "chat",
                    JwtAuthentication.of(JwtMode.STRICT, ISSUER.provider("llm")),
                    Authorization.of(AuthorizationAction.ALLOW, "jwt.team == \"blue\""))))
            .expressions(new CelExpressionCompiler())
            .build();

    private static Decision decide(TokenBuilder token) {
        return ENGINE.decide(PolicyRequest.builder("GET", "/")
                .header("Authorization", "Bearer " + token.claim("aud", "llm").compact())
                .build());
    }

    @PolicyTest(EXAMPLE)
    void runsEachCaseOfTheExample(CaseResult result, PolicyCase test) {
        assertThat(result.test()).isSameAs(test);
        assertThat(result.passed()).isTrue();
    }

    /** Each of its tests is run for each case of the example. */
    @Nested
    @PolicyTest(EXAMPLE)
    class OnAClass {
        @Test
        void runsEachCase(CaseResult result) {
            assertThat(result.passed()).isTrue();
        }

        @Test
        void givesTheSameCaseToEachTest(CaseResult result, PolicyCase test) {
            assertThat(result.test()).isSameAs(test);
        }
    }

    @TestFactory
    Stream<DynamicNode> runsTheExampleWithPlacesForTheIde() {
        return PolicyTests.in(EXAMPLE);
    }

    @Test
    void leadsFromEachNodeToItsLine() {
        DynamicContainer file =
                (DynamicContainer) PolicyTests.in(EXAMPLE).findFirst().orElseThrow();
        DynamicNode first = file.getChildren().findFirst().orElseThrow();

        assertThat(first.getDisplayName()).isEqualTo("no token");
        assertThat(first.getTestSourceUri().orElseThrow().toString()).endsWith("gateway.test.yaml?line=4");
    }

    @Test
    void failsWithTheExpectedAndTheExplanation(@TempDir Path folder) throws Exception {
        Path tests = folder.resolve("gateway.test.yaml");
        Files.copy(Path.of(EXAMPLE, "gateway.yaml"), folder.resolve("gateway.yaml"));
        Files.writeString(tests, "tests: [{name: a, request: GET /, expect: allow}]");
        DynamicContainer file =
                (DynamicContainer) PolicyTests.in(tests.toString()).findFirst().orElseThrow();
        DynamicTest test = (DynamicTest) file.getChildren().findFirst().orElseThrow();

        assertThatThrownBy(() -> test.getExecutable().execute())
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith(tests + ":1:9: a\nexpected allow, got 401 token_missing\nwhy: ");
    }

    @Test
    void saysOfADecisionWhatIsExpected() {
        assertThat(decide(ISSUER.token().claim("team", "blue")))
                .isAllowed()
                .byRule("jwt.team=='blue'".replace('\'', '"'))
                .hasSubject("alice")
                .hasClaim("team", "blue")
                .hasNoChallenge();
        assertThat(decide(ISSUER.token().claim("team", "red")))
                .isDenied()
                .because(DenyReason.RULE_NOT_MATCHED)
                .hasStatus(403)
                .hasExplanationContaining("no Allow expression held");
        assertThat(decide(ISSUER.token().expiresIn(Duration.ofMinutes(-5))))
                .isDenied()
                .because(DenyReason.TOKEN_EXPIRED)
                .hasChallengeContaining("error=\"invalid_token\"")
                .byNoRule();
    }

    @Test
    void failsWithTheExplanationOfTheDecision() {
        assertThatThrownBy(() ->
                        assertThat(decide(ISSUER.token().claim("team", "red"))).isAllowed())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("expected to be allowed, but it was denied because of RULE_NOT_MATCHED (403)")
                .hasMessageContaining("why: no Allow expression held")
                .hasMessageContaining("`jwt.team` was \"red\"");
        assertThatThrownBy(() ->
                        assertThat(decide(ISSUER.token().claim("team", "blue"))).because(DenyReason.TOKEN_EXPIRED))
                .hasMessageContaining("expected to be denied because of TOKEN_EXPIRED, but it was allowed");
    }
}

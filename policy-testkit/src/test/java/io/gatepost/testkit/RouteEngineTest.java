package io.gatepost.testkit;

import static io.gatepost.testkit.GatepostAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.gatepost.policy.BodySource;
import io.gatepost.policy.Decision;
import io.gatepost.policy.DecisionListener;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.PolicyTarget;
import io.gatepost.policy.RouteEngine;
import io.gatepost.policy.RouteEngines;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.RoutePolicies.Closure;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.request.RequestBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What policies before and after routing come to in one call. */
class RouteEngineTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://id.example.com");
    private static final String IN_HEADER = "{header: {name: X-Token}}";

    private final List<Heard> heard = new ArrayList<>();
    private final RouteEngines engines = new RouteEngines(builder -> builder.expressions(new CelExpressionCompiler())
            .listener(new DecisionListener() {
                @Override
                public void decided(PolicyRequest request, Decision decision, Duration elapsed) {
                    throw new AssertionError("engines say by what");
                }

                @Override
                public void decided(PolicyRequest request, Decision decision, Duration elapsed, DecidedBy by) {
                    heard.add(new Heard(request.route(), request.headers("authorization"), decision, by));
                }
            }));

    /** What a listener was told. */
    private record Heard(
            @Nullable String route, List<String> authorization, Decision decision, DecisionListener.DecidedBy by) {}

    @AfterEach
    void close() {
        engines.close();
    }

    private RouteEngine engine(TrafficPolicy... policies) {
        return engines.of(RoutePolicies.of(List.of(policies)));
    }

    private static TrafficPolicy authenticating(String name, String phase, String location) {
        return policy(
                name,
                phase,
                "jwtAuthentication: {location: %s, providers: [{issuer: %s, audiences: [llm], jwks: {inline: '%s'}}]}"
                        .formatted(location, ISSUER.issuer(), ISSUER.jwks()));
    }

    private static TrafficPolicy requiring(String name, String phase, String rule) {
        return policy(name, phase, "authorization: {action: Require, policy: {matchExpressions: ['" + rule + "']}}");
    }

    private static TrafficPolicy policy(String name, String phase, String traffic) {
        return PolicyReader.parse("p.yaml", """
                        apiVersion: agentgateway.dev/v1alpha1
                        kind: AgentgatewayPolicy
                        metadata: {name: %s}
                        spec:
                          targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
                          traffic:
                            phase: %s
                            %s
                        """.formatted(name, phase, traffic)).get(0);
    }

    private static final String BEARER = "{header: {name: Authorization, prefix: \"Bearer \"}}";

    private static String token(String subject) {
        return ISSUER.token().claim("aud", "llm").subject(subject).compact();
    }

    private static RequestBuilder request() {
        return PolicyRequest.builder("POST", "http://llm.example.com/v1/chat/completions");
    }

    private static PolicyRequest bearing(String token) {
        return request()
                .header("Authorization", "Bearer " + token)
                .route("team/chat")
                .build();
    }

    private static BodySource body(String text, AtomicInteger reads) {
        return () -> {
            reads.incrementAndGet();
            return CompletableFuture.completedFuture(text.getBytes(UTF_8));
        };
    }

    @Test
    void asksThePhaseBeforeRoutingFirst() {
        RouteEngine engine = engine(
                requiring("door", "PreRouting", "request.method == \"GET\""),
                requiring("chat", "PostRouting", "request.path == \"/\""));

        assertThat(engine.decide(request().build()).explanation().decisive())
                .extracting(rule -> rule.policy().name())
                .containsExactly("door");
        assertThat(heard).hasSize(1);
    }

    @Test
    void letsTheRulesAfterRoutingSeeTheTokenThatWasVerifiedBefore() {
        RouteEngine engine = engine(
                authenticating("door", "PreRouting", BEARER),
                requiring("chat", "PostRouting", "jwt.sub == \"alice\" && !(\"authorization\" in request.headers)"));

        assertThat(engine.decide(bearing(token("alice")))).isAllowed();
        assertThat(engine.decide(bearing(token("bob")))).isDenied().because(DenyReason.RULE_NOT_MATCHED);
        assertThat(engine.decide(request().build())).isDenied().because(DenyReason.TOKEN_MISSING);
    }

    @Test
    void takesAVerifiedCredentialFromTheRequestBeforeTheNextPhase() {
        RouteEngine engine =
                engine(authenticating("door", "PreRouting", BEARER), authenticating("chat", "PostRouting", BEARER));

        RouteEngine.Phases phases = engine.decideByPhase(bearing(token("alice")), null);

        assertThat(Objects.requireNonNull(phases.preRouting())).isAllowed();
        assertThat(phases.decision()).isSameAs(phases.postRouting());
        assertThat(phases.decision()).isDenied().because(DenyReason.TOKEN_MISSING);
        assertThat(heard.get(0).authorization()).hasSize(1);
        assertThat(heard.get(1).authorization()).isEmpty();
    }

    @Test
    void stripsTheCredentialsOfBothPhases() {
        RouteEngine engine =
                engine(authenticating("door", "PreRouting", BEARER), authenticating("chat", "PostRouting", IN_HEADER));
        PolicyRequest request = request()
                .header("Authorization", "Bearer " + token("alice"))
                .header("X-Token", token("bob"))
                .build();

        Decision.Allow allow = (Decision.Allow) engine.decide(request);

        assertThat(allow.token()).extracting(VerifiedToken::subject).isEqualTo("bob");
        assertThat(allow.toForward(request).headerNames()).doesNotContain("Authorization", "X-Token");
    }

    @Test
    void decidesWithoutBlockingAsItDoesOtherwise() {
        RouteEngine engine = engine(
                authenticating("door", "PreRouting", BEARER),
                requiring("chat", "PostRouting", "jwt.sub == \"alice\" && json(request.body).model == \"small\""));
        for (String subject : List.of("alice", "bob")) {
            for (String model : List.of("small", "large")) {
                AtomicInteger reads = new AtomicInteger();
                String text = "{\"model\":\"" + model + "\"}";
                Decision blocking = engine.decide(request()
                        .header("Authorization", "Bearer " + token(subject))
                        .body(text.getBytes(UTF_8))
                        .build());
                Decision async = engine.decideAsync(bearing(token(subject)), body(text, reads))
                        .toCompletableFuture()
                        .join();

                assertThat(async.getClass()).isEqualTo(blocking.getClass());
                assertThat(async.explanation().summary())
                        .isEqualTo(blocking.explanation().summary());
                assertThat(reads).hasValue(1);
            }
        }
    }

    @Test
    void readsABodyOnceThatBothPhasesJudge() {
        RouteEngine engine = engine(
                requiring("door", "PreRouting", "size(request.body) > 1"),
                requiring("chat", "PostRouting", "size(request.body) > 2"));
        AtomicInteger reads = new AtomicInteger();

        assertThat(engine.decideAsync(request().build(), body("abc", reads))
                        .toCompletableFuture()
                        .join())
                .isAllowed();
        assertThat(reads).hasValue(1);
        assertThat(engine.readsBody()).isTrue();
    }

    @Test
    void readsNoBodyOfARequestThatTheFirstPhaseRefuses() {
        RouteEngine engine = engine(
                authenticating("door", "PreRouting", BEARER),
                requiring("chat", "PostRouting", "size(request.body) > 2"));
        AtomicInteger reads = new AtomicInteger();

        assertThat(engine.decideAsync(request().build(), body("abc", reads))
                        .toCompletableFuture()
                        .join())
                .isDenied()
                .because(DenyReason.TOKEN_MISSING);
        assertThat(reads).hasValue(0);
        assertThat(engine.readsBody(Phase.PRE_ROUTING)).isFalse();
        assertThat(engine.readsBody(Phase.POST_ROUTING)).isTrue();
    }

    @Test
    void goesOnWithWhatWasAllowedBefore() {
        RouteEngine engine = engine(requiring("chat", "PostRouting", "jwt.sub == \"alice\""));
        Decision.Allow given = new Decision.Allow(
                new VerifiedToken("", "alice", Map.of("sub", "alice")), List.of(), new Explanation("given", List.of()));

        assertThat(engine.decide(request().build(), given)).isAllowed();
        assertThat(engine.decide(request().build())).isDenied().because(DenyReason.RULE_NOT_MATCHED);
        assertThat(engine.decideAsync(request().build(), given, null)
                        .toCompletableFuture()
                        .join())
                .isAllowed();
    }

    @Test
    void tellsListenersTheRouteAndThePolicyOfEachPhase() {
        engine(authenticating("door", "PreRouting", BEARER), authenticating("chat", "PostRouting", IN_HEADER))
                .decide(request()
                        .header("Authorization", "Bearer " + token("alice"))
                        .header("X-Token", token("bob"))
                        .route("team/chat")
                        .build());

        assertThat(heard)
                .extracting(Heard::route, one -> String.valueOf(one.by().policy()))
                .containsExactly(tuple("team/chat", "default/door"), tuple("team/chat", "default/chat"));
        PolicyEngine engine = Objects.requireNonNull(heard.get(0).by().engine());
        assertThat(engine.policy().policies()).hasSize(1);
    }

    @Test
    void doesNotAskAPhaseWithoutPolicies() {
        assertThat(engine(requiring("chat", "PostRouting", "true"))
                        .decide(request().build()))
                .isAllowed();
        assertThat(engine(requiring("door", "PreRouting", "true"))
                        .decide(request().build()))
                .isAllowed();
        assertThat(heard).hasSize(2);
    }

    @Test
    void refusesOnAnOpenRouteOnlyWhatIsNoRequest() {
        RouteEngine open = engines.of(RoutePolicies.NONE);

        assertThat(RoutePolicies.NONE.isOpen()).isTrue();
        assertThat(open.decide(request().build())).isAllowed();
        assertThat(open.decide(request().header("X", "\0").build())).isDenied().because(DenyReason.REQUEST_MALFORMED);
    }

    @Test
    void refusesInPlaceOfAPhaseThatIsClosed() {
        Closure closure = closure(Phase.PRE_ROUTING, false);
        RouteEngine engine = engines.of(RoutePolicies.of(
                        List.of(authenticating("door", "PreRouting", BEARER), requiring("chat", "PostRouting", "true")))
                .closed(closure));

        assertThat(engine.decide(bearing(token("alice")))).isSameAs(closure.deny());
        assertThat(heard).hasSize(1);
        assertThat(heard.get(0).route()).isEqualTo("team/chat");
        assertThat(heard.get(0).by()).isEqualTo(new DecisionListener.DecidedBy(closure.policy(), null));
        assertThat(engines.size()).isZero();
    }

    @Test
    void refusesWhatThePoliciesInFrontOfAClosureAllow() {
        for (Phase phase : Phase.values()) {
            Closure closure = closure(phase, true);
            RoutePolicies policies = RoutePolicies.of(List.of(
                            authenticating("door", "PreRouting", BEARER),
                            requiring("chat", "PostRouting", "jwt.sub == \"alice\"")))
                    .closed(closure);
            RouteEngine engine = engines.of(policies);
            heard.clear();

            assertThat(engine.decide(request().build())).isDenied().because(DenyReason.TOKEN_MISSING);
            assertThat(engine.decide(bearing(token("alice")))).isSameAs(closure.deny());
            assertThat(engine.decideAsync(bearing(token("alice")))
                            .toCompletableFuture()
                            .join())
                    .isSameAs(closure.deny());
            assertThat(engine.decide(bearing(token("bob"))))
                    .isDenied()
                    .because(phase == Phase.PRE_ROUTING ? DenyReason.POLICY_INVALID : DenyReason.RULE_NOT_MATCHED);
            assertThat(heard).hasSize(phase == Phase.PRE_ROUTING ? 7 : 9);
            assertThat(heard.get(2).decision())
                    .isInstanceOf(phase == Phase.PRE_ROUTING ? Decision.Deny.class : Decision.Allow.class);
        }
    }

    private static Closure closure(Phase phase, boolean behindPolicies) {
        Explanation why = new Explanation("the policy of this target is invalid", List.of());
        return new Closure(
                phase,
                behindPolicies,
                new ObjectName("default", "broken"),
                new Decision.Deny(DenyReason.POLICY_INVALID, null, why));
    }

    @Test
    void sharesOneEngineBetweenAllRoutesOfOnePolicy() {
        TrafficPolicy door = authenticating("door", "PostRouting", BEARER);
        RouteEngine first = null;
        for (int i = 0; i < 10_000; i++) {
            List<PolicyTarget> way =
                    List.of(PolicyTarget.parse("Gateway/llm"), PolicyTarget.parse("HTTPRoute/route-" + i));
            RouteEngine engine = engines.of(RoutePolicies.of(way, List.of(door)));
            first = first == null ? engine : first;
            assertThat(engine).isSameAs(first);
        }
        assertThat(engines.size()).isEqualTo(1);
        String token = token("alice");
        engine(door).decide(bearing(token));
        engine(door).decide(bearing(token));
        assertThat(engines.tokenCache().hits()).isEqualTo(1);
        assertThat(engines.tokenCache()).isEqualTo(engine(door).tokenCache());
    }

    @Test
    void examinesACredentialInThePhaseThatAsksForIt() {
        RouteEngine engine = engine(
                authenticating("door", "PreRouting", BEARER), requiring("chat", "PostRouting", "jwt.sub == \"alice\""));

        assertThat(engine.examine(bearing(token("alice")), Phase.PRE_ROUTING).checks())
                .isNotEmpty();
        assertThat(engine.examine(bearing(token("alice")), Phase.POST_ROUTING).checks())
                .isEmpty();
        assertThat(engine.warnings()).isEmpty();
    }
}

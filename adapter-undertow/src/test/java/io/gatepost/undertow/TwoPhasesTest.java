package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DecisionListener;
import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RouteEngine;
import io.gatepost.policy.RouteEngines;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.request.Credential;
import io.gatepost.testkit.WireClient;
import io.gatepost.tools.token.TokenIssuer;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One call for the policies before and after routing says what a guard behind another one says. */
class TwoPhasesTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://id.example.com");
    private static final String BODY = "{\"model\":\"small\"}";
    private static final String BEARER = "header: {name: Authorization, prefix: \"Bearer \"}";

    /** What a phase may say, by a name. */
    private static final Map<String, String> PHASES = Map.of(
            "nothing", "",
            "strict", jwt("Strict", BEARER),
            "permissive", jwt("Permissive", BEARER),
            "optional in a header", jwt("Optional", "header: {name: X-Token}"),
            "strict in the query", jwt("Strict", "queryParameter: {name: token}"),
            "alice", rules("jwt.sub == \"alice\""),
            "no credential", rules("!(\"authorization\" in request.headers) && !request.uri.contains(\"token\")"),
            "body", rules("json(request.body).model == \"small\""),
            "shadow", rules("request.method == \"GET\""));

    private static final List<List<String>> REQUESTS = List.of(
            List.of("POST /v1/a HTTP/1.1"),
            List.of("POST /v1/a HTTP/1.1", "Authorization: Bearer " + token("alice")),
            List.of("POST /v1/a HTTP/1.1", "Authorization: Bearer " + token("bob"), "X-Token: " + token("alice")),
            List.of("POST /v1/a HTTP/1.1", "Authorization: Bearer bad", "X-Token: " + token("alice")),
            List.of("POST /v1/a HTTP/1.1", "X-Token: " + token("alice"), "Connection: x-token"),
            List.of("POST /v1/%61?a=b&token=" + token("alice") + " HTTP/1.1", "Authorization: Bearer " + token("bob")));

    /** A decision as its listener is told it, or as it comes out. */
    private record Told(
            String kind,
            @Nullable Object reason,
            String summary,
            List<?> shadows,
            String subject,
            List<String> seen,
            @Nullable Object by) {
        static Told of(PolicyRequest request, Decision decision, @Nullable Object by) {
            List<String> seen = new ArrayList<>(request.headers("authorization"));
            seen.addAll(request.headers("x-token"));
            seen.add(request.path() + "?" + request.query());
            return new Told(
                    decision.getClass().getSimpleName(),
                    decision instanceof Decision.Deny deny
                            ? deny.reason() + " " + deny.challenge()
                            : ((Decision.Allow) decision)
                                    .credentials().stream()
                                            .map(Credential::location)
                                            .toList(),
                    decision.explanation().summary(),
                    decision.explanation().shadows(),
                    decision.token() == null
                            ? ""
                            : String.valueOf(decision.token().subject()),
                    seen,
                    by);
        }
    }

    private static String jwt(String mode, String location) {
        return "jwtAuthentication: {mode: %s, location: {%s}, providers: [{issuer: %s, audiences: [llm], jwks: {inline: '%s'}}]}"
                .formatted(mode, location, ISSUER.issuer(), ISSUER.jwks());
    }

    private static String rules(String rule) {
        return "authorization: {action: Require, policy: {matchExpressions: ['" + rule + "']}}";
    }

    private static String token(String subject) {
        return ISSUER.token().claim("aud", "llm").subject(subject).compact();
    }

    private static List<TrafficPolicy> policies(String name, String phase) {
        String traffic = PHASES.get(name);
        return name.equals("nothing")
                ? List.of()
                : PolicyReader.parse("p.yaml", """
                        apiVersion: agentgateway.dev/v1alpha1
                        kind: AgentgatewayPolicy
                        metadata: {name: %s%s}
                        spec:
                          targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
                          traffic:
                            phase: %s
                            %s
                        """.formatted(
                                phase.toLowerCase(Locale.ROOT),
                                name.equals("shadow") ? ", annotations: {gatepost.io/enforcement: shadow}" : "",
                                phase,
                                traffic));
    }

    static Stream<Arguments> phases() {
        return PHASES.keySet().stream()
                .sorted()
                .flatMap(first -> PHASES.keySet().stream().sorted().map(second -> Arguments.of(first, second)));
    }

    @ParameterizedTest(name = "{0}, then {1}")
    @MethodSource("phases")
    void areOneCall(String before, String after) throws Exception {
        List<Told> heard = new ArrayList<>();
        List<Told> expected = new ArrayList<>();
        List<Told> said = new ArrayList<>();
        UnaryOperator<PolicyEngine.Builder> settings =
                builder -> builder.expressions(new CelExpressionCompiler()).listener(new DecisionListener() {
                    @Override
                    public void decided(PolicyRequest request, Decision decision, Duration elapsed) {
                        throw new AssertionError();
                    }

                    @Override
                    public void decided(PolicyRequest request, Decision decision, Duration elapsed, DecidedBy by) {
                        heard.add(Told.of(request, decision, by.policy()));
                    }
                });
        RoutePolicies policies = new RoutePolicies(
                EffectivePolicy.of(policies(before, "PreRouting")), EffectivePolicy.of(policies(after, "PostRouting")));
        try (RouteEngines engines = new RouteEngines(settings)) {
            RouteEngine both = engines.of(policies);
            HttpHandler allowed = exchange -> {
                Decision.Allow allow = PolicyHandler.allowed(exchange);
                if (allow != null) {
                    said.add(Told.of(allow.toForward(PolicyHandler.request(exchange)), allow, null));
                }
                exchange.endExchange();
            };
            HttpHandler inARow =
                    guard(settings, policies.preRouting(), guard(settings, policies.postRouting(), allowed));
            Undertow server = Undertow.builder()
                    .addHttpListener(0, "127.0.0.1")
                    .setHandler(exchange -> {
                        Told one = decide(both, exchange);
                        expected.addAll(heard);
                        heard.clear();
                        if (one.kind().equals("Allow") && !policies.isOpen()) {
                            expected.add(one);
                        }
                        inARow.handleRequest(exchange);
                    })
                    .build();
            server.start();
            try {
                for (List<String> request : REQUESTS) {
                    expected.clear();
                    heard.clear();
                    said.clear();
                    send(server, request);
                    List<Told> row = new ArrayList<>(heard);
                    row.addAll(said);
                    if (policies.isOpen()) {
                        expected.clear();
                    }
                    assertThat(row).as(request.toString()).isEqualTo(expected);
                }
            } finally {
                server.stop();
            }
        }
    }

    private static Told decide(RouteEngine engine, HttpServerExchange exchange) {
        PolicyRequest request = PolicyHandler.request(exchange);
        Decision decision = engine.decideAsync(
                        request, () -> CompletableFuture.completedFuture(BODY.getBytes(US_ASCII)))
                .toCompletableFuture()
                .join();
        PolicyRequest left = decision instanceof Decision.Allow allow ? allow.toForward(request) : request;
        return Told.of(left, decision, null);
    }

    private static HttpHandler guard(
            UnaryOperator<PolicyEngine.Builder> settings, EffectivePolicy policy, HttpHandler next) {
        return policy.decides()
                ? new PolicyHandler(
                        settings.apply(PolicyEngine.builder().policy(policy)).build(), next)
                : next;
    }

    private static void send(Undertow server, List<String> request) throws Exception {
        InetSocketAddress address =
                (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
        try (WireClient client = WireClient.connect(address)) {
            List<String> headers = new ArrayList<>(request.subList(1, request.size()));
            headers.addAll(List.of("Host: h", "Content-Type: application/json", "Content-Length: " + BODY.length()));
            client.head(request.get(0), headers.toArray(String[]::new));
            client.send(BODY.getBytes(US_ASCII));
            client.response();
        }
    }
}

package io.gatepost.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RouteEngines;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.RoutePolicies.Closure;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.cel.LinearRegex;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Phase;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.routes.status.PolicyReport;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What guards places, and what closes them, without any server. */
class PolicyTableTest {
    private static final String ROUTES = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec:
              gatewayClassName: gatepost
              listeners: [{name: http, port: 8080, protocol: HTTP}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: chat}
            spec:
              parentRefs: [{name: gw}]
              rules: [{matches: [{path: {type: RegularExpression, value: /chat(/.*)?}}]}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: open}
            spec: {parentRefs: [{name: gw}], rules: [{matches: [{path: {value: /open}}]}]}
            """;
    private static final String CORS = "cors: {allowOrigins: ['https://app.example.com']}";

    private final RouteEngines engines = new RouteEngines(engine -> engine.expressions(new CelExpressionCompiler()));

    @AfterEach
    void close() {
        engines.close();
    }

    private static String policy(String target, String traffic) {
        return """
                ---
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: guard}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, %s}]
                  traffic: {%s}
                """.formatted(target, traffic);
    }

    private static String rule(String expression) {
        return "authorization: {policy: {matchExpressions: [\"" + expression + "\"]}}";
    }

    private Place at(String path, String policy) {
        Manifests manifests = Manifests.parse("test", ROUTES + policy, LinearRegex::of);
        RouteTable routes = new RouteTable(manifests, PolicyTable.of(manifests, engines));
        Router<Place> router = routes.router(place -> place, nowhere(manifests), nowhere(manifests));
        return router.of(PolicyRequest.builder("GET", "http://h" + path).build());
    }

    private static Place nowhere(Manifests manifests) {
        return new Place(
                manifests.gateways().get(0),
                manifests.gateways().get(0).listeners().get(0),
                null,
                RoutePolicies.NONE,
                null);
    }

    private static Closure closure(Place place) {
        return Objects.requireNonNull(place.policies().closure());
    }

    @Test
    void namesPlacesByTheirRouteElseByTheirGateway() {
        assertThat(at("/chat/x", "").name()).isEqualTo("default/chat");
        assertThat(at("/chat/x", "").text())
                .isEqualTo("HTTPRoute default/chat, rule rules[0], on Gateway default/gw, listener http");
        assertThat(at("/chats", "").name()).isEqualTo("default/gw");
        assertThat(at("/chats", "").text()).isEqualTo("Gateway default/gw, listener http");
    }

    @Test
    void guardsOnlyWhatAPolicyTargets() {
        String policy = policy("kind: HTTPRoute, name: chat", rule("true"));

        assertThat(at("/chat", policy).policies().postRouting().authorizing()).hasSize(1);
        assertThat(at("/chat", policy).policies().isOpen()).isFalse();
        assertThat(at("/open", policy).policies().isOpen()).isTrue();
    }

    @Test
    void closesTheTargetsOfAnInvalidPolicyBehindWhatOfItIsValid() {
        String policy = policy("kind: HTTPRoute, name: chat", rule("1 +"));

        Closure closure = closure(at("/chat", policy));

        assertThat(closure.phase()).isEqualTo(Phase.POST_ROUTING);
        assertThat(closure.behindPolicies()).isTrue();
        assertThat(closure.policy()).isEqualTo(new ObjectName("default", "guard"));
        assertThat(closure.deny().reason()).isEqualTo(DenyReason.POLICY_INVALID);
        assertThat(at("/open", policy).policies().isOpen()).isTrue();
    }

    @Test
    void closesInPlaceOfPoliciesWhereAuthenticationIsInvalid() {
        String policy = policy(
                "kind: HTTPRoute, name: chat", "jwtAuthentication: {providers: [{issuer: i, jwks: {inline: '{}'}}]}");

        Closure closure = closure(at("/chat", policy));

        assertThat(closure.behindPolicies()).isFalse();
        assertThat(closure.deny().reason()).isEqualTo(DenyReason.TOKEN_MISSING);
    }

    @Test
    void closesEverythingWhereThePolicysTargetsCantBeRead() {
        String policy = policy("kind: HTTPRoute, nam: chat", rule("true"));

        for (String path : new String[] {"/chat", "/open", "/none"}) {
            Closure closure = closure(at(path, policy));
            assertThat(closure.phase()).isEqualTo(Phase.PRE_ROUTING);
            assertThat(closure.behindPolicies()).isFalse();
        }
    }

    @Test
    void sharesAnEngineAmongPlacesOfOnePolicy() {
        String policy = policy("kind: Gateway, name: gw", rule("true"));

        assertThat(engines.of(at("/chat", policy).policies()))
                .isSameAs(engines.of(at("/open", policy).policies()));
        assertThat(engines.size()).isEqualTo(1);
    }

    @Test
    void answersPreflightsWhereAPolicySaysWhoMayCall() {
        String policy = policy("kind: HTTPRoute, name: chat", CORS);
        PolicyRequest preflight = PolicyRequest.builder("OPTIONS", "http://h/chat")
                .header("origin", "https://app.example.com")
                .header("access-control-request-method", "POST")
                .build();
        PolicyRequest options =
                PolicyRequest.builder("OPTIONS", "http://h/chat").build();

        assertThat(at("/chat", policy).answers(preflight)).isTrue();
        assertThat(at("/chat", policy).answers(options)).isFalse();
        assertThat(at("/open", policy).answers(preflight)).isFalse();
    }

    @Test
    void reportsObjectsThatStandInNoFile() {
        Map<String, String> objects = new LinkedHashMap<>();
        objects.put("Gateway default/gw", ROUTES);
        objects.put("AgentgatewayPolicy default/guard", policy("kind: HTTPRoute, name: chat", rule("1 +")));
        ManifestSource cluster = () -> Manifests.parse(objects, LinearRegex::of);

        Manifests manifests = cluster.read();
        PolicyTable policies = PolicyTable.of(manifests, engines);

        assertThat(manifests.documents())
                .extracting(one -> one.kind() + " " + one.name())
                .contains("HTTPRoute default/chat", "AgentgatewayPolicy default/guard");
        assertThat(policies.diagnostics())
                .allMatch(one -> one.origin().source().equals("AgentgatewayPolicy default/guard"));
        assertThat(PolicyReport.of(manifests, policies, policies.diagnostics()).json())
                .contains("\"closed_by\" : [ \"default/guard\" ]", "\"PartiallyValid\"");
    }
}

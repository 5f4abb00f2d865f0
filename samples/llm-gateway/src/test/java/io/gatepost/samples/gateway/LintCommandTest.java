package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LintCommandTest {
    private static final String DENY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: chat}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                authorization:
                  action: Deny
                  policy:
                    matchExpressions:
                    - request.path == "/admin"
            """;

    @TempDir
    private Path folder;

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("policy.yaml"), text);
    }

    @Test
    void tellsWhatItFindsWithItsPlaceAndCure() throws IOException {
        Path file = write(DENY);

        Cli run = Cli.run("lint", "--file", file.toString());

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out())
                .contains(file + ":11:11: info: `request.path == \"/admin\"` says nothing of")
                .contains("(exact-path-denied)\n    deny the prefix")
                .contains("(deny-without-allow)")
                .contains("HTTPRoute `default/chat` is not in these files", "(dangling-reference)");
    }

    @Test
    void failsFromTheLevelOnThatIsAskedFor() throws IOException {
        String file = write(DENY).toString();

        assertThat(Cli.run("lint", "--file", file, "--fail-on", "error").exit()).isZero();
        assertThat(Cli.run("lint", "--file", file, "--fail-on", "info").exit()).isEqualTo(1);
        assertThat(Cli.run("lint", "--file", file, "--fail-on", "never").exit()).isZero();
    }

    @Test
    void doesNotPassOverWhatDoesNotLoad() throws IOException {
        Cli run = Cli.run("lint", "--file", write(DENY.replace("Deny", "Denny")).toString());

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).contains("(invalid-document)");
    }

    @Test
    void writesDiagnosticsForMachines() throws IOException {
        String file = write(DENY.replace("Deny", "Denny")).toString();

        assertThat(Cli.run("validate", "--file", file, "--format", "github").out())
                .contains("::error file=" + file + ",line=8,col=15,title=invalid-document::");
        assertThat(Cli.run("validate", "--file", file, "--format", "sarif").out())
                .contains("\"ruleId\" : \"invalid-document\"");
        assertThat(Cli.run("validate", "--file", file, "--format", "json").exit())
                .isEqualTo(1);
    }

    private static final String ROUTE = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: llm}
            spec: {gatewayClassName: agentgateway, listeners: [{name: http, protocol: HTTP, port: 80}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: chat}
            spec:
              parentRefs: [{name: llm}]
              rules: [{backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: openai}
            spec: {ai: {provider: {openai: {}}}, policies: {tls: TLS}}
            """;
    private static final String KEYS = TokenIssuer.of("https://id.example.com").jwks();
    private static final String RULE = rules("Require", "jwt.team == \"a\"");

    private static String policy(String kind, String name, String traffic) {
        return """
                ---
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: %s}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: %s, name: %s}]
                  traffic: {%s}
                """.formatted(kind.toLowerCase(Locale.ROOT) + traffic.hashCode(), kind, name, traffic);
    }

    private static String onGateway(String traffic) {
        return policy("Gateway", "llm", traffic);
    }

    private static String onRoute(String traffic) {
        return policy("HTTPRoute", "chat", traffic);
    }

    private static String jwt(String mode, String... more) {
        StringBuilder providers = new StringBuilder();
        for (String issuer : Stream.concat(Stream.of("id"), Stream.of(more)).toList()) {
            providers
                    .append("{issuer: 'https://" + issuer + ".example.com', audiences: [llm], tokenType: at+jwt,")
                    .append(" jwks: {inline: '" + KEYS + "'}}, ");
        }
        return "jwtAuthentication: {mode: " + mode + ", providers: [" + providers + "]}";
    }

    private static String rules(String action, String expression) {
        return "authorization: {action: " + action + ", policy: {matchExpressions: ['" + expression + "']}}";
    }

    /** What is found with the one set of manifests and not with the other. */
    static Stream<Arguments> effective() {
        String members = "phase: PreRouting, ";
        return Stream.of(
                arguments(
                        "unguarded-jwt",
                        onGateway(jwt("Optional")) + onRoute(RULE),
                        onGateway(jwt("Strict")) + onRoute(RULE)),
                arguments(
                        "unguarded-jwt",
                        onGateway(jwt("Optional") + ", " + RULE),
                        onGateway(jwt("Optional") + ", " + RULE) + onRoute(jwt("Strict"))),
                arguments(
                        "unguarded-jwt",
                        onGateway(jwt("Strict")) + onRoute(jwt("Optional") + ", " + RULE),
                        onGateway(members + jwt("Strict")) + onRoute(jwt("Optional") + ", " + RULE)),
                arguments("no-authentication", onRoute(RULE), onGateway(jwt("Strict")) + onRoute(RULE)),
                arguments(
                        "no-authentication",
                        onGateway(jwt("Strict")) + onGateway(members + RULE) + onRoute(RULE),
                        onGateway(members + jwt("Strict") + ", " + RULE) + onRoute(RULE)),
                arguments(
                        "no-authentication",
                        onRoute(rules("Allow", "jwt.team == \"a\"")),
                        onRoute(rules("Allow", "jwt.team == \"a\""))
                                + onRoute(rules("Allow", "request.path == \"/v1/models\""))),
                arguments(
                        "deny-without-allow",
                        onGateway(rules("Deny", "request.method == \"PUT\"")),
                        onGateway(rules("Deny", "request.method == \"PUT\""))
                                + onRoute(rules("Allow", "request.path.startsWith(\"/v1/\")"))),
                arguments(
                        "deny-without-allow",
                        onRoute(rules("Deny", "request.method == \"PUT\"")),
                        onRoute(rules("Deny", "request.method == \"PUT\""))
                                + onGateway(members + rules("Require", "request.path.startsWith(\"/v1/\")"))),
                arguments(
                        "issuer-untested",
                        onGateway(jwt("Strict", "lab")) + onRoute(rules("Require", "jwt.sub == \"alice\"")),
                        onGateway(jwt("Strict", "lab") + ", " + rules("Require", "jwt.sub == \"alice\""))
                                + onRoute(jwt("Strict"))),
                arguments(
                        "credential-header",
                        onGateway(jwt("Strict")) + onRoute(rules("Require", "request.headers.authorization != \"\"")),
                        onRoute(rules("Require", "request.headers.authorization != \"\""))),
                arguments(
                        "contradictory-rules",
                        onGateway(rules("Require", "request.method == \"GET\""))
                                + onRoute(rules("Require", "request.method == \"POST\"")),
                        onGateway(rules("Require", "request.method != \"GET\""))
                                + onRoute(rules("Require", "request.method == \"POST\""))));
    }

    @ParameterizedTest(name = "{0} {index}")
    @MethodSource("effective")
    void judgesPoliciesAsTheyApplyToARoute(String id, String mistaken, String meant) throws IOException {
        String route = ROUTE.replace("TLS", "{}");
        assertThat(lint(route + mistaken)).contains("(" + id + ")");
        assertThat(lint(route + meant)).isEmpty();
    }

    @Test
    void saysNoMoreOfRulesThatAlwaysHoldOrFailThanThat() throws IOException {
        String route = ROUTE.replace("TLS", "{}");
        assertThat(lint(route + onRoute(rules("Deny", "true"))))
                .contains("always-matches")
                .doesNotContain("deny-without");
        assertThat(lint(route + onRoute(rules("Deny", "jwt.sub == \"alice\""))))
                .contains("no-authentication")
                .doesNotContain("deny-without");
        assertThat(lint(route + onRoute(rules("Allow", "true', 'jwt.sub == \"alice\""))))
                .contains("always-matches")
                .doesNotContain("any-of");
    }

    @Test
    void tellsABackendWhoseCertificateIsNotVerified() throws IOException {
        String policies = onRoute(rules("Require", "request.path.startsWith(\"/v1/\")"));
        assertThat(lint(ROUTE.replace("TLS", "{insecureSkipVerify: All}") + policies))
                .contains("(insecure-skip-verify)");
        assertThat(lint(ROUTE.replace("TLS", "{sni: api.example.com}") + policies))
                .isEmpty();
    }

    @Test
    void tellsCorsThatLendsAVisitorsCredentialsToAnybody() throws IOException {
        String policies = ROUTE.replace("TLS", "{}") + onRoute(rules("Require", "request.path.startsWith(\"/v1/\")"));
        for (String open : List.of("'*'", "'https://*'", "'https://a.test', 'http://*:*'")) {
            assertThat(lint(policies + onRoute("cors: {allowOrigins: [" + open + "], allowCredentials: true}")))
                    .contains("(any-origin-with-credentials)");
            assertThat(lint(policies + onRoute("cors: {allowOrigins: [" + open + "]}")))
                    .isEmpty();
        }
        assertThat(lint(policies + onRoute("cors: {allowOrigins: ['https://*.a.test'], allowCredentials: true}")))
                .isEmpty();
    }

    private String lint(String manifests) throws IOException {
        return Cli.run("lint", "--file", write(manifests).toString()).out();
    }
}

package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The gateway as its users meet it: manifests in a folder, requests on a socket. */
class GatewayServerTest {
    private static final TokenIssuer SOLO = TokenIssuer.of("solo.io");
    private static final String GATEWAY = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec:
              gatewayClassName: agentgateway
              listeners: [{name: http, protocol: HTTP, port: 80}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: openai}
            spec: {ai: {provider: {openai: {model: gpt-4.1-nano}}}}
            """;
    private static final String ROUTE = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: NAME}
            spec:
              parentRefs: [{name: gw}]
              rules:
                - matches: [{path: {type: PathPrefix, value: PREFIX}}]
                  backendRefs: [{name: BACKEND, group: agentgateway.dev, kind: AgentgatewayBackend}]
            """;
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: only-alice}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: TARGETKIND, name: TARGET}]
              traffic:
                jwtAuthentication:
                  providers: [{issuer: solo.io, jwks: {inline: 'JWKS'}}]
                authorization: {policy: {matchExpressions: ['jwt.sub == "alice"']}}
            """.replace("JWKS", SOLO.jwks());

    @TempDir
    private Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private @Nullable GatewayServer gateway;

    @BeforeEach
    void writeGateway() throws IOException {
        write("gateway.yaml", GATEWAY);
        write("a.yaml", route("a", "/a", "openai"));
        write("b.yaml", route("b", "/b", "openai"));
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"Gateway, gw, 401", "HTTPRoute, a, 200"})
    void guardsWhatAPolicyTargetsAndNothingElse(String kind, String name, int elsewhere) throws Exception {
        write("policy.yaml", policy(kind, name));
        start(false);

        assertThat(status("/a/v1/chat/completions", null)).isEqualTo(401);
        assertThat(status("/a/v1/chat/completions", "alice")).isEqualTo(200);
        assertThat(status("/a/v1/chat/completions", "bob")).isEqualTo(403);
        assertThat(status("/b/v1/chat/completions", null)).isEqualTo(elsewhere);
    }

    @Test
    void refusesGrpcInItsOwnForm() throws Exception {
        write("policy.yaml", policy("Gateway", "gw"));
        start(false);
        HttpRequest call = HttpRequest.newBuilder(running().url().resolve("/a/service/Method"))
                .header("content-type", "application/grpc+proto")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[5]))
                .build();

        HttpResponse<String> refused = client.send(call, HttpResponse.BodyHandlers.ofString());

        assertThat(refused.statusCode()).isEqualTo(200);
        assertThat(refused.headers().firstValue("grpc-status")).hasValue("16");
        assertThat(refused.headers().firstValue("grpc-message")).hasValue("a bearer token is required");
        assertThat(refused.headers().firstValue("content-type")).hasValue("application/grpc");
        assertThat(refused.body()).isEmpty();
    }

    @Test
    void sendsTheModelOfTheBackend() throws Exception {
        start(false);

        assertThat(post("/a/v1/chat/completions", null).body()).contains("\"model\":\"gpt-4.1-nano\"");
    }

    @Test
    void answers404WhereNoRouteMatches() throws Exception {
        start(false);

        assertThat(status("/c", null)).isEqualTo(404);
        assertThat(status("/ab", null)).isEqualTo(404);
    }

    @Test
    void answers500WhereTheBackendIsMissing() throws Exception {
        write("c.yaml", route("c", "/c", "forgotten"));
        start(false);

        HttpResponse<String> answer = post("/c", null);

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).contains("backend_not_found").doesNotContain("forgotten");
    }

    @Test
    void takesUpAChangedPolicyAndKeepsTheLastGoodOne() throws Exception {
        start(false);
        assertThat(status("/a", null)).isNotEqualTo(401);

        write("policy.yaml", policy("HTTPRoute", "a"));
        awaitStatus(401, "/a", null);
        write("policy.yaml", policy("HTTPRoute", "a").replace("jwt.sub ==", "jwt.sub = "));
        write("c.yaml", route("c", "/c", "openai"));
        awaitRefusedReload();

        assertThat(status("/a", null)).isEqualTo(401);
        assertThat(status("/c", null)).isEqualTo(404);
    }

    @Test
    void doesNotStartOnAnInvalidPolicy() throws IOException {
        write("policy.yaml", policy("HTTPRoute", "a").replace("Gateway", "x").replace("jwt.sub", "jvt.sub"));

        assertThatThrownBy(() -> start(false))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining("policy.yaml:")
                .hasMessageContaining("`jvt`");
    }

    @ParameterizedTest
    @CsvSource({
        "a misspelt rule,                jwt.sub ==,                  jvt.sub ==, 401, 403",
        "an unknown field,               authorization:,              authorisation:, 401, 403",
        "a key set that is none,         '{\"keys\"',                 '{\"kez\"', 401, 401",
        "an authentication without keys, 'jwks: {inline',             'jwk: {inline', 401, 401"
    })
    void closesOnlyTheTargetsOfAnInvalidPolicy(String what, String good, String bad, int without, int with)
            throws Exception {
        String policy = policy("HTTPRoute", "a");
        assertThat(policy).as(what).contains(good);
        write("policy.yaml", policy.replace(good, bad));
        start(true);

        assertThat(status("/a/v1/chat/completions", null)).as(what).isEqualTo(without);
        assertThat(status("/a/v1/chat/completions", "alice")).as(what).isEqualTo(with);
        assertThat(status("/b/v1/chat/completions", null)).as(what).isEqualTo(200);
    }

    @Test
    void closesEverythingWhereTheTargetsOfAnInvalidPolicyCanNotBeRead() throws Exception {
        write("policy.yaml", policy("HTTPRoute", "a").replace("name: a}", "nam: a}"));
        start(true);

        assertThat(status("/b/v1/chat/completions", null)).isEqualTo(403);
    }

    @Test
    void doesNotStartWhereAPolicyMayBeHiddenBehindAnError() throws IOException {
        write("broken.yaml", "kind: [\n");

        assertThatThrownBy(() -> start(true)).isInstanceOf(InvalidPolicyException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "{\"messages\":[],\"model\":\"small\"}#200",
                "{\"messages\":[],\"model\":\"large\"}#403",
                "{\"messages\":[],\"model\":\"small\",\"model\":\"large\"}#400",
                "{\"messages\":[],\"model\":\"large\",\"mod\\u0065l\":\"small\"}#400",
                "{\"messages\":[],\"model\":\"small\"} {\"messages\":[],\"model\":\"large\"}#403",
                "[{\"messages\":[],\"model\":\"small\"}]#403",
                "{\"messages\":[],\"model\":\"small\"#403",
                "''#403"
            })
    void judgesTheModelOfTheBodyAndFailsClosedWhereThereIsNone(String body, int status) throws Exception {
        write("backend.yaml", """
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayBackend
                metadata: {name: any-model}
                spec: {ai: {provider: {openai: {}}}}
                """);
        write("c.yaml", route("c", "/c", "any-model"));
        write("policy.yaml", byModel("Allow", "small"));
        start(false);

        assertThat(send("/c/v1/chat/completions", body).statusCode()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "{\"messages\":[],\"model\":\"small\"}#200",
                "{\"messages\":[],\"model\":\"large\"}#403",
                "not json#403"
            })
    void deniesByModelAlsoWhereNoneCanBeRead(String body, int status) throws Exception {
        write("policy.yaml", byModel("Deny", "large").replace("name: c}", "name: a}"));
        start(false);

        assertThat(send("/a/v1/chat/completions", body).statusCode()).isEqualTo(status);
    }

    @Test
    void refusesABodyOverTheLimitWhereARuleReadsIt() throws Exception {
        write("policy.yaml", byModel("Allow", "small").replace("name: c}", "name: a}"));
        start(false);
        String large = "{\"messages\":[],\"model\":\"small\",\"x\":\"" + "x".repeat(2 * 1024 * 1024) + "\"}";

        assertThat(send("/a/v1/chat/completions", large).statusCode()).isEqualTo(413);
    }

    private static String byModel(String action, String model) {
        return """
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: by-model}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: c}]
                  traffic:
                    authorization:
                      action: ACTION
                      policy: {matchExpressions: ['llm.requestModel == "MODEL"']}
                """.replace("ACTION", action).replace("MODEL", model);
    }

    private HttpResponse<String> send(String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(running().url().resolve(path))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private void start(boolean closeInvalid) {
        gateway = GatewayServer.start(ServeOptions.builder()
                .manifests(new ServeOptions.ManifestFiles(List.of(folder), closeInvalid, false))
                .upstreams(new ServeOptions.Upstreams(true, null, Map.of()))
                .build());
    }

    private int status(String path, @Nullable String subject) throws Exception {
        return post(path, subject).statusCode();
    }

    private HttpResponse<String> post(String path, @Nullable String subject) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(running().url().resolve(path))
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"gpt-x\",\"messages\":[]}"));
        if (subject != null) {
            request.header(
                    "Authorization", "Bearer " + SOLO.token().subject(subject).compact());
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private GatewayServer running() {
        if (gateway == null) {
            throw new IllegalStateException("not started");
        }
        return gateway;
    }

    private void awaitStatus(int status, String path, @Nullable String subject) throws Exception {
        AtomicInteger last = new AtomicInteger();
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (last.get() != status && System.nanoTime() < end) {
            last.set(status(path, subject));
        }
        assertThat(last).hasValue(status);
    }

    private void awaitRefusedReload() {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        String refused = "gatepost_reloads_total{result=\"refused\"} 1";
        while (!running().metrics().contains(refused) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(running().metrics()).contains(refused);
    }

    private static String route(String name, String prefix, String backend) {
        return ROUTE.replace("NAME", name).replace("PREFIX", prefix).replace("BACKEND", backend);
    }

    private static String policy(String kind, String name) {
        return POLICY.replace("TARGETKIND", kind).replace("TARGET", name);
    }

    /** As deployments do: written aside, then put in place at once. */
    private void write(String name, String text) throws IOException {
        Path draft = Files.writeString(folder.resolve("." + name), text);
        Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
}

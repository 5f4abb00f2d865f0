package io.gatepost.samples.gateway.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import io.undertow.util.SameThreadExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What rules of routes change, seen from both ends. */
class RouteFiltersTest {
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
            metadata: {name: one}
            spec: {static: {host: one.test, port: 80}}
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: two}
            spec: {static: {host: two.test, port: 80}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: route}
            spec:
              parentRefs: [{name: gw}]
              rules: [RULE]
            """;
    private static final String BACKEND =
            "backendRefs: [{name: one, group: agentgateway.dev, kind: AgentgatewayBackend}]";
    private static final String POLICY = """
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: policy}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: route}]
              traffic: TRAFFIC
            """;

    @TempDir
    private Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private Undertow upstream;
    private @Nullable GatewayServer gateway;

    @BeforeEach
    void startUpstream() {
        upstream = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setHandler(RouteFiltersTest::echo)
                .build();
        upstream.start();
    }

    /** Says what it got; is silent for ever where it is asked to. */
    private static void echo(HttpServerExchange exchange) {
        StringBuilder text = new StringBuilder();
        String query = exchange.getQueryString();
        text.append(exchange.getRequestURI())
                .append(query.isEmpty() ? "" : "?" + query)
                .append('\n');
        exchange.getRequestHeaders()
                .forEach(header -> header.forEach(value -> text.append(header.getHeaderName())
                        .append(": ")
                        .append(value)
                        .append('\n')));
        if (exchange.getRequestPath().endsWith("/silent")) {
            exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {});
            return;
        }
        exchange.getResponseHeaders().put(new HttpString("X-Upstream"), "1");
        exchange.getResponseHeaders().put(new HttpString("Access-Control-Allow-Origin"), "https://evil.test");
        exchange.getResponseSender().send(text.toString());
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        upstream.stop();
    }

    @ParameterizedTest
    @CsvSource({
        "/old, ReplacePrefixMatch, replacePrefixMatch, /new, /old/x?a=b, /new/x?a=b",
        "/old, ReplacePrefixMatch, replacePrefixMatch, /, /old/x, /x",
        "/old, ReplacePrefixMatch, replacePrefixMatch, /, /old, /",
        "/old/, ReplacePrefixMatch, replacePrefixMatch, /new/, /old/x%2Fy, /new/x%2Fy",
        "/, ReplacePrefixMatch, replacePrefixMatch, /new, /old/x, /new/old/x",
        "/old, ReplaceFullPath, replaceFullPath, /new, /old/x?a=b, /new?a=b"
    })
    void rewritesPaths(String prefix, String type, String field, String value, String asked, String got)
            throws Exception {
        start(
                "{matches: [{path: {value: %s}}], filters: [{type: URLRewrite, urlRewrite: {path: {type: %s, %s: %s}}}], %s}"
                        .formatted(prefix, type, field, value, BACKEND));

        assertThat(get(asked).body()).startsWith(got + "\n");
    }

    @Test
    void rewritesTheHostThatTheBackendIsTold() throws Exception {
        start("{filters: [{type: URLRewrite, urlRewrite: {hostname: other.test}}], " + BACKEND + "}");

        assertThat(get("/").body()).contains("Host: other.test\n");
    }

    @Test
    void changesHeadersBothWays() throws Exception {
        String changes =
                "{set: [{name: X-Set, value: new}], add: [{name: X-Add, value: more}], remove: [X-Remove, X-Upstream]}";
        start("""
                {filters: [{type: RequestHeaderModifier, requestHeaderModifier: %s},
                           {type: ResponseHeaderModifier, responseHeaderModifier: %s}], %s}""".formatted(changes, changes, BACKEND));

        HttpResponse<String> answer = get("/", "X-Set", "old", "X-Add", "some", "X-Remove", "gone");

        assertThat(answer.body())
                .contains("X-Set: new\n", "X-Add: some\n", "X-Add: more\n")
                .doesNotContain("old", "X-Remove");
        assertThat(answer.headers().firstValue("X-Set")).contains("new");
        assertThat(answer.headers().firstValue("X-Upstream")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'scheme: https', 302, https://a.test/x?a=b",
        "'hostname: b.test', 302, http://b.test:8080/x?a=b",
        "'hostname: b.test, port: 80, statusCode: 301', 301, http://b.test/x?a=b",
        "'path: {type: ReplaceFullPath, replaceFullPath: /y}, statusCode: 308', 308, http://a.test:8080/y?a=b"
    })
    void redirects(String redirect, int status, String location) throws Exception {
        start("{filters: [{type: RequestRedirect, requestRedirect: {" + redirect + "}}]}");

        String answer = raw("GET /x?a=b HTTP/1.1\r\nHost: a.test:8080\r\nConnection: close\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 " + status).contains("\r\nLocation: " + location + "\r\n");
    }

    @Test
    void givesEachBackendExactlyItsShare() throws Exception {
        start("""
                {backendRefs: [{name: one, group: agentgateway.dev, kind: AgentgatewayBackend, weight: 3},
                               {name: two, group: agentgateway.dev, kind: AgentgatewayBackend, weight: 1},
                               {name: two, group: agentgateway.dev, kind: AgentgatewayBackend, weight: 0}]}""", "");
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < 40; i++) {
            String host = get("/").body().contains("Host: one.test:80") ? "one" : "two";
            counts.merge(host, 1, Integer::sum);
        }

        assertThat(counts).isEqualTo(Map.of("one", 30, "two", 10));
    }

    @Test
    void answers504WhereTheRulesTimeoutPasses() throws Exception {
        start("{timeouts: {request: 10s, backendRequest: 100ms}, " + BACKEND + "}");

        assertThat(get("/silent").statusCode()).isEqualTo(504);
    }

    @Test
    void judgesTheRequestAsTheClientSentIt() throws Exception {
        start("""
                {matches: [{path: {value: /old}}], filters: [
                   {type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /new}}},
                   {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-Team, value: red}]}}], %s}""".formatted(BACKEND), """
                {authorization: {policy: {matchExpressions: [
                   'request.path == "/old" && request.headers["x-team"] == "blue"']}}}""");

        HttpResponse<String> answer = get("/old", "X-Team", "blue");

        assertThat(answer.body()).startsWith("/new\n").contains("X-Team: red");
        assertThat(get("/old", "X-Team", "red").statusCode()).isEqualTo(403);
    }

    @Test
    void answersPreflightsOfAllowedOriginsBeforeItAsksForACredential() throws Exception {
        startWithCors();

        HttpResponse<String> allowed = preflight("https://app.example.com");
        HttpResponse<String> refused = preflight("https://app.example.com.evil.test");

        assertThat(allowed.statusCode()).isEqualTo(204);
        assertThat(allowed.headers().firstValue("Access-Control-Allow-Origin")).contains("https://app.example.com");
        assertThat(allowed.headers().firstValue("Access-Control-Allow-Methods")).contains("POST");
        assertThat(allowed.headers().firstValue("Access-Control-Allow-Headers"))
                .contains("authorization, content-type");
        assertThat(allowed.headers().firstValue("Access-Control-Max-Age")).contains("600");
        assertThat(refused.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }

    @Test
    void letsPagesOfAllowedOriginsReadRefusalsToo() throws Exception {
        startWithCors();

        HttpResponse<String> refusal = get("/", "Origin", "https://app.example.com");
        HttpResponse<String> elsewhere = get("/", "Origin", "https://evil.test");

        assertThat(refusal.statusCode()).isEqualTo(403);
        assertThat(refusal.headers().firstValue("Access-Control-Allow-Origin")).contains("https://app.example.com");
        assertThat(refusal.headers().firstValue("Access-Control-Expose-Headers"))
                .contains("x-request-id");
        assertThat(refusal.headers().firstValue("Vary")).contains("Origin");
        assertThat(elsewhere.headers().firstValue("Access-Control-Allow-Origin"))
                .isEmpty();
    }

    @Test
    void speaksForTheUpstreamAboutOtherOrigins() throws Exception {
        start("{" + BACKEND + "}", "{cors: {allowOrigins: ['*']}}");

        HttpResponse<String> answer = get("/", "Origin", "https://any.test");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().allValues("Access-Control-Allow-Origin")).containsExactly("*");
    }

    @Test
    void lendsNoCredentialsToAPageWithoutAnOrigin() throws Exception {
        start("{" + BACKEND + "}", "{cors: {allowOrigins: ['*'], allowCredentials: true}}");

        HttpResponse<String> named = get("/", "Origin", "https://any.test");
        assertThat(named.headers().allValues("Access-Control-Allow-Origin")).containsExactly("https://any.test");
        assertThat(named.headers().allValues("Vary")).contains("Origin");
        for (String origin : new String[] {"null", "NULL"}) {
            HttpResponse<String> opaque = get("/", "Origin", origin);
            assertThat(opaque.headers().map()).doesNotContainKey("access-control-allow-origin");
            assertThat(opaque.headers().map()).doesNotContainKey("access-control-allow-credentials");
        }
    }

    @Test
    void namesEveryRequest() throws Exception {
        start("{" + BACKEND + "}", "{authorization: {policy: {matchExpressions: ['request.path == \"/ok\"']}}}");

        HttpResponse<String> good = get("/ok", "X-Request-Id", "mine");
        HttpResponse<String> bad = get("/");

        assertThat(bad.statusCode()).isEqualTo(403);
        assertThat(bad.headers().firstValue("x-request-id")).isPresent();
        assertThat(good.body())
                .contains("X-Request-Id: "
                        + good.headers().firstValue("x-request-id").orElseThrow())
                .doesNotContain("mine");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: x}}}], B} | RequestMirror",
                "{filters: [{type: URLRewrite}], B} | `urlRewrite` is required",
                "{filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /x/../y}}}], B} | without `.` and `..`",
                "{matches: [{path: {type: Exact, value: /x}}], filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /x}}}], B} | PathPrefix",
                "{filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: Host, value: x}]}}], B} | `Host`",
                "{filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-Forwarded-For, value: x}]}}], B} | X-Forwarded-For",
                "{filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: 'X A', value: x}]}}], B} | name of a header",
                "{filters: [{type: RequestRedirect, requestRedirect: {statusCode: 200}}]} | from 301 to 308",
                "{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}], B} | backendRefs",
                "{filters: [{type: URLRewrite, urlRewrite: {hostname: a.test}}, {type: URLRewrite, urlRewrite: {hostname: b.test}}], B} | second `URLRewrite`",
                "{timeouts: {request: 1s, backendRequest: 2s}, B} | `backendRequest`",
                "{timeouts: {request: soon}, B} | duration"
            })
    void refusesWhatItCanNotDo(String rule, String problem) {
        assertThatThrownBy(() -> start(rule.replace("B}", BACKEND + "}")))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{allowOrigins: ['https://a.test/path']} | an origin",
                "{allowOrigins: ['*', 'https://a.test']} | stands alone",
                "{allowMethods: ['GET POST']} | a method",
                "{maxAge: 0} | maxAge"
            })
    void refusesCorsThatNoBrowserUnderstands(String cors, String problem) {
        assertThatThrownBy(() -> start("{" + BACKEND + "}", "{cors: " + cors + "}"))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining(problem);
    }

    private void startWithCors() throws IOException {
        start("{" + BACKEND + "}", """
                {authorization: {policy: {matchExpressions: ['false']}},
                 cors: {allowOrigins: ['https://*.example.com'], allowMethods: [POST], allowHeaders: ['*'],
                        exposeHeaders: [x-request-id], allowCredentials: true, maxAge: 600}}""");
    }

    private HttpResponse<String> preflight(String origin) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(url("/"))
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .headers("Origin", origin)
                .headers("Access-Control-Request-Method", "POST")
                .headers("Access-Control-Request-Headers", "authorization, content-type")
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private void start(String rule) throws IOException {
        start(rule, "");
    }

    private void start(String rule, String traffic) throws IOException {
        String policy = traffic.isEmpty() ? "" : POLICY.replace("TRAFFIC", traffic.replace("\n", " "));
        Files.writeString(folder.resolve("all.yaml"), GATEWAY.replace("RULE", rule.replace("\n", " ")) + policy);
        InetSocketAddress address =
                (InetSocketAddress) upstream.getListenerInfo().get(0).getAddress();
        gateway = GatewayServer.start(ServeOptions.builder(folder)
                .upstreams(
                        new ServeOptions.Upstreams(false, null, Map.of("one.test:80", address, "two.test:80", address)))
                .build());
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(url(path)).version(HttpClient.Version.HTTP_1_1);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /** The client of the JDK does not let its users choose a host. */
    private String raw(String octets) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), url("/").getPort())) {
            socket.getOutputStream().write(octets.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    private URI url(String path) {
        if (gateway == null) {
            throw new IllegalStateException("not started");
        }
        return gateway.url().resolve(path);
    }
}

package io.gatepost.samples.gateway.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.samples.gateway.server.ServeOptions.Upstreams;
import io.gatepost.testkit.ScriptedUpstream;
import io.gatepost.testkit.ScriptedUpstream.Received;
import io.gatepost.testkit.WireClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What has two readings is refused; where a request is let through, rules of manifests see what the upstream gets. */
class MalformedRequestsTest {
    private static final String END = "Connection: close\r\n\r\n";
    private static final String HOST = "Host: a.test\r\n";
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\n" + HOST + "\r\n";
    private static final List<String> COMPARED = List.of("x-a", "x-b", "x_a", "cookie", "x-forwarded-for");
    private static final String READS_THE_BODY = "string(request.body) != 'never'";
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec:
              gatewayClassName: agentgateway
              listeners: [{name: http, protocol: HTTP, port: 80}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: any}
            spec: {static: {host: any.test, port: 80}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: route}
            spec:
              parentRefs: [{name: gw}]
              rules: [{backendRefs: [{name: any, group: agentgateway.dev, kind: AgentgatewayBackend}]}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: rule}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: gw}]
              traffic:
                authorization: {policy: {matchExpressions: ['RULE']}}
            """;

    @TempDir
    private Path folder;

    private ScriptedUpstream upstream;

    @BeforeEach
    void start() throws IOException {
        upstream = ScriptedUpstream.start(ScriptedUpstream.always(ScriptedUpstream.response("200 OK", "ok")));
    }

    @AfterEach
    void stop() throws IOException {
        upstream.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
                "Content-Length: 2\r\nContent-Length: 3\r\n",
                "Content-Length: 2, 2\r\n",
                "Content-Length: +2\r\n",
                "Content-Length: 18446744073709551618\r\n",
                "Transfer-Encoding: gzip, chunked\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                "Transfer-Encoding: \u000bchunked\r\n",
                "Transfer-Encoding : chunked\r\n",
                "X-A: a\u0000b\r\n",
                "X-A: a\rX-B: b\r\n",
                "X-A: a\u007fb\r\n",
                "X A: a\r\n",
                "X-\u00e9: a\r\n",
                ": a\r\n",
                "GET /smuggled HTTP/1.1\r\n",
                "Host: b.test\r\n"
            })
    void refusesHeadersWithTwoReadings(String headers) throws Exception {
        assertRefused("POST /v1 HTTP/1.1\r\n" + HOST + headers + END + "{}" + SMUGGLED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0x2\r\n{}\r\n0\r\n\r\n",
                "+2\r\n{}\r\n0\r\n\r\n",
                "2 \r\n{}\r\n0\r\n\r\n",
                "2\n{}\r\n0\r\n\r\n",
                "2\r\n{}xx\r\n0\r\n\r\n",
                "2\r\n{}\n0\r\n\r\n",
                "2;a=\nxx\r\n{}\r\n0\r\n\r\n",
                "10000000000000002\r\n{}\r\n0\r\n\r\n",
                "2\r\n{}\r\n0\r\nGET /smuggled HTTP/1.1\r\n\r\n"
            })
    void refusesBadChunks(String chunks) throws Exception {
        assertRefused("POST /v1 HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n" + END + chunks + SMUGGLED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET http://b.test/v1 HTTP/1.1",
                "GET http://a.test@b.test/v1 HTTP/1.1",
                "GET a.test:80 HTTP/1.1",
                "CONNECT a.test:80 HTTP/1.1",
                "GET /v1/../admin HTTP/1.1",
                "GET /v1/%2e%2e/admin HTTP/1.1",
                "GET /v1/..%2fadmin HTTP/1.1",
                "GET /v1/..;/admin HTTP/1.1",
                "GET /v1%5cadmin HTTP/1.1",
                "GET /v1%00 HTTP/1.1",
                "GET /v1\u0000 HTTP/1.1",
                "GET /v1%0d%0aX-Admin:1 HTTP/1.1",
                "GET /\u00c3\u00a9 HTTP/1.1",
                "GET /v1#x HTTP/1.1",
                "GET /v1?a=\u0001 HTTP/1.1",
                "GET //v1 HTTP/1.1",
                "GET /v1//x HTTP/1.1",
                "G(T /v1 HTTP/1.1"
            })
    void refusesTargetsWithTwoReadings(String line) throws Exception {
        assertRefused(line + "\r\n" + HOST + END);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET http://a.test/v1?q=1 HTTP/1.1\r\n" + HOST + END,
                "GET HTTP://a.test/v1 HTTP/1.1\r\n" + HOST + END,
                "GET /v1%2Fx%2fy HTTP/1.1\r\n" + HOST + END,
                "GET /v1;a=b/x;c?q=1;r=2&s HTTP/1.1\r\n" + HOST + END,
                "GET /v1? HTTP/1.1\r\n" + HOST + END,
                "GET /v1?q=%00%ff HTTP/1.1\r\n" + HOST + END,
                "GET /v1 HTTP/1.1\r\n" + HOST + "X-A: a\r\n b\r\n" + END,
                "GET /v1 HTTP/1.1\r\n" + HOST + "X-A: \u00e9\u00ff\r\n" + END,
                "GET /v1 HTTP/1.1\r\n" + HOST + "X-A: a\r\nx-a: b\r\n" + END,
                "GET /v1 HTTP/1.1\r\n" + HOST + "X_A: a\r\nX-A: b\r\n" + END,
                "GET /v1 HTTP/1.1\r\n" + HOST + "X-A: a\r\nX-B: b\r\nConnection: X-B\r\n\r\n",
                "GET /v1 HTTP/1.1\r\n" + HOST + "Connection: close, X-Forwarded-For\r\n\r\n",
                "GET /v1 HTTP/1.1\r\n" + HOST + "Cookie: a=b\r\nCookie: c=d\r\n" + END,
                "POST /v1 HTTP/1.1\r\n" + HOST + "Content-Length: 002\r\n" + END + "{}",
                "POST /v1 HTTP/1.0\r\n" + HOST + "Content-Length: 2\r\n\r\n{}",
                "POST /v1 HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n" + END
                        + "1;a=\"b\"\r\n{\r\n001\r\n}\r\n0\r\nX-A: a\r\n\r\n"
            })
    void showsRuleAndUpstreamTheSame(String octets) throws Exception {
        assertThat(statusWith("true", octets)).isEqualTo(200);
        Received sent = upstream.only();

        assertThat(statusWith(asSeenBy(sent), octets)).isEqualTo(200);
        assertThat(upstream.received())
                .hasSize(2)
                .last()
                .satisfies(again -> assertThat(asSeenBy(again)).isEqualTo(asSeenBy(sent)));
    }

    /** An expression that holds for a request that has all of this and, of what is compared, nothing else. */
    private static String asSeenBy(Received sent) {
        String method = sent.head().startLine().split(" ", -1)[0];
        StringJoiner rule = new StringJoiner(" && ");
        rule.add("request.method == " + quoted(method));
        rule.add("request.pathAndQuery == " + quoted(sent.head().target()));
        rule.add("string(request.body) == " + quoted(sent.text()));
        for (String name : COMPARED) {
            List<String> lines = sent.head().values(name);
            if (!lines.isEmpty()) {
                List<String> literals =
                        lines.stream().map(MalformedRequestsTest::quoted).toList();
                rule.add("request.headers.raw()[" + quoted(name) + "] == " + literals);
            } else {
                rule.add("!(" + quoted(name) + " in request.headers)");
            }
        }
        return rule.toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** Whether a rule reads the body or it is passed on as it comes. */
    private void assertRefused(String octets) throws IOException {
        for (String rule : List.of("true", READS_THE_BODY)) {
            assertThat(statusWith(rule, octets)).as(rule).isEqualTo(400);
        }
        assertThat(upstream.received()).isEmpty();
    }

    private int statusWith(String rule, String octets) throws IOException {
        Path file =
                Files.writeString(folder.resolve("gateway.yaml"), MANIFESTS.replace("RULE", rule.replace("'", "''")));
        ServeOptions options = ServeOptions.builder(file)
                .upstreams(new Upstreams(false, upstream.base(), Map.of()))
                .build();
        try (GatewayServer gateway = GatewayServer.start(options)) {
            URI url = gateway.url();
            try (WireClient client = WireClient.connect(new InetSocketAddress(url.getHost(), url.getPort()))) {
                return client.send(octets.getBytes(ISO_8859_1)).response().status();
            }
        }
    }
}

package io.gatepost.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.testkit.AdapterContract.Adapter;
import io.gatepost.testkit.WireClient;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The path that rules see is the path by which a container dispatches, or the request is refused. */
class OneReadingTest {
    private static final int TARGETS = Integer.getInteger("gatepost.targets", 2_000);

    /** Answers with the path by which it was chosen. */
    private static final HttpServlet DISPATCHED = new HttpServlet() {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String info = request.getPathInfo() == null ? "" : request.getPathInfo();
            response.getOutputStream().write((request.getServletPath() + info).getBytes(UTF_8));
        }
    };

    private static PolicyEngine.Builder rules(AuthorizationAction action, String rule) {
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", null, Authorization.of(action, rule))))
                .expressions(new CelExpressionCompiler());
    }

    private static String ask(Adapter server, String target) throws IOException {
        try (WireClient client = WireClient.connect(server.address())) {
            WireClient.Response response =
                    client.head("GET " + target + " HTTP/1.1", "Host: h").response();
            return response.status() + (response.status() == 200 ? " " + response.text() : "");
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void keepsARuleOnAPathHoweverThePathIsSpelled(Containers.Starter container) throws Exception {
        PolicyEngine engine = rules(
                        AuthorizationAction.DENY,
                        "request.path.startsWith('/admin') || request.path.startsWith('/app/admin')")
                .build();
        Site root = Site.of(new PolicyFilter(engine), DISPATCHED);
        try (Adapter server = container.start(root)) {
            assertThat(ask(server, "/open/x")).isEqualTo("200 /open/x");
            for (String path :
                    List.of("/admin/x", "/%61dmin/x", "/%61%64min", "/admin%2Fx", "/admin;a/x", "/admin;a")) {
                assertThat(ask(server, path)).as(path).isIn("403", "400");
            }
            for (String path : List.of("//admin/x", "/;/admin/x", "/;a=1/admin/x")) {
                assertThat(ask(server, path)).as(path).isIn("400", "200 //admin/x");
            }
        }
        try (Adapter server = container.start(root.at("/app", "/*"))) {
            assertThat(ask(server, "/app/open")).isEqualTo("200 /open");
            for (String path :
                    List.of("/app/admin/x", "/%61pp/admin", "/app;q/admin/x", "//app/admin/x", "/app//admin")) {
                assertThat(ask(server, path)).as(path).isNotIn("200 /admin/x", "200 /admin");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void letsOrdinaryPathsThroughByWhateverMapping(Containers.Starter container) throws Exception {
        PolicyEngine engine =
                rules(AuthorizationAction.ALLOW, "request.path.startsWith('/')").build();
        Site root = Site.of(new PolicyFilter(engine), DISPATCHED);
        try (Adapter server = container.start(root)) {
            assertThat(ask(server, "/")).isEqualTo("200 /");
            assertThat(ask(server, "/a%20b/%C3%A9")).isEqualTo("200 /a b/\u00e9");
            assertThat(ask(server, "/v1/models/llama3:8b@x!$&'()*+,=-._~/"))
                    .isEqualTo("200 /v1/models/llama3:8b@x!$&'()*+,=-._~/");
            assertThat(ask(server, "http://h/a%5Bb%5D?q=%2F;")).isEqualTo("200 /a[b]");
        }
        for (String context : List.of("", "/app")) {
            try (Adapter server = container.start(root.at(context, "/api/*"))) {
                assertThat(ask(server, context + "/api/a%20b")).isEqualTo("200 /api/a b");
                assertThat(ask(server, context + "/api")).isEqualTo("200 /api");
            }
            try (Adapter server = container.start(root.at(context, "*.do"))) {
                assertThat(ask(server, context + "/x/%C3%A9.do")).isEqualTo("200 /x/\u00e9.do");
            }
            try (Adapter server = container.start(root.at(context, "/"))) {
                assertThat(ask(server, context + "/deep/er")).isEqualTo("200 /deep/er");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void refusesWhatTheContainerReadsAsSomethingElse(Containers.Starter container) throws Exception {
        PolicyEngine engine = rules(AuthorizationAction.ALLOW, "true").build();
        try (Adapter server = container.start(new PolicyFilter(engine), DISPATCHED)) {
            for (String path : List.of(
                    "/a;b",
                    "/a;",
                    "/a%3Bb",
                    "/v1/models/org%2Fmodel",
                    "/a%21",
                    "/llama3%3A8b",
                    "/%E9",
                    "/%C0%AF",
                    "/%ED%A0%80",
                    "/a%80")) {
                assertThat(ask(server, path)).as(path).isEqualTo("400");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void dispatchesByWhatRulesHaveSeenOrRefuses(Containers.Starter container) throws Exception {
        AtomicReference<String> seen = new AtomicReference<>("");
        PolicyEngine engine = rules(AuthorizationAction.ALLOW, "request.path != ''")
                .listener((request, decision, elapsed) -> seen.set(request.path()))
                .build();
        Site root = Site.of(new PolicyFilter(engine), DISPATCHED);
        for (String context : List.of("", "/app")) {
            try (Adapter server = container.start(root.at(context, "/*"));
                    Client client = new Client(server)) {
                Map<String, String> readings = new HashMap<>();
                Random random = new Random(15);
                for (int i = 0; i < TARGETS / 2; i++) {
                    String target = context + target(random);
                    WireClient.Response response = client.get(target);
                    if (response.status() == 200) {
                        String dispatched = context + response.text();
                        String judged = String.valueOf(seen.get());
                        assertThat(URLDecoder.decode(judged.replace("+", "%2B"), UTF_8))
                                .as(target)
                                .isEqualTo(dispatched);
                        assertThat(readings.merge(dispatched, judged, (first, second) -> first))
                                .as(target)
                                .isEqualTo(judged);
                    } else {
                        assertThat(response.status()).as(target).isIn(400, 404);
                    }
                }
                assertThat(readings).hasSizeGreaterThan(TARGETS / 20);
            }
        }
    }

    private static final List<String> PIECES = List.of(
            "/",
            "/",
            "/",
            "a",
            "b",
            "admin",
            "Z9",
            "-",
            "_",
            "~",
            "!",
            "'",
            ":",
            "@",
            "+",
            "*",
            "=",
            "&",
            "$",
            ",",
            "%61",
            "%41",
            "%7e",
            "%2D",
            "%20",
            "%C3%A9",
            "%c3%a9",
            "%F0%9F%98%80",
            "%5B",
            "%22",
            "%23",
            "%3F",
            "//",
            ";",
            ";a=b",
            "%2F",
            "%2f",
            "%3B",
            "%25",
            "%252F",
            "%21",
            "%3A",
            "%2B",
            "%E9",
            "%C0%AF",
            "%80",
            "%ED%A0%80",
            "%EF%BF%BD",
            ".",
            "..",
            "%2e",
            "%2E%2E",
            "\\",
            "%5C",
            "%00",
            "%0A",
            "%",
            "%zz",
            "%u0061",
            "[",
            "{",
            "\"",
            "|",
            "?",
            "?a=/b");

    private static String target(Random random) {
        StringBuilder target = new StringBuilder("/");
        int pieces = 1 + random.nextInt(5);
        // Half of them of what is common, so that enough of them get through.
        int bound = random.nextBoolean() ? 33 : PIECES.size();
        for (int i = 0; i < pieces; i++) {
            target.append(PIECES.get(random.nextInt(bound)));
        }
        return target.toString();
    }

    /** Connects again where the server has closed. */
    private static final class Client implements AutoCloseable {
        private final Adapter server;
        private WireClient wire;

        Client(Adapter server) {
            this.server = server;
            wire = WireClient.connect(server.address());
        }

        WireClient.Response get(String target) throws IOException {
            WireClient.Response response;
            try {
                response = wire.head("GET " + target + " HTTP/1.1", "Host: h").response();
            } catch (IOException e) {
                connect();
                response = wire.head("GET " + target + " HTTP/1.1", "Host: h").response();
            }
            if (response.head().values("connection").contains("close")) {
                connect();
            }
            return response;
        }

        private void connect() {
            wire.close();
            wire = WireClient.connect(server.address());
        }

        @Override
        public void close() {
            wire.close();
        }
    }
}

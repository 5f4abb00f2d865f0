package io.gatepost.servlet;

import static io.gatepost.servlet.Probe.servlet;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.testkit.AdapterContract.Adapter;
import io.gatepost.testkit.WireClient;
import io.gatepost.tools.token.TokenIssuer;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is behind the filter sees of a request what its rules have seen, and can still read all of it. */
class GuardedRequestTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    private static final String TOKEN = ISSUER.token().compact();

    private static PolicyEngine inQuery() {
        JwtAuthentication authentication = new JwtAuthentication(
                JwtMode.STRICT, List.of(ISSUER.provider()), new TokenLocation.QueryParameter("key"), Origin.CODE);
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", authentication, null)))
                .build();
    }

    private static PolicyEngine allowing(String rule) {
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", null, Authorization.of(AuthorizationAction.ALLOW, rule))))
                .expressions(new CelExpressionCompiler())
                .build();
    }

    private static WireClient.Response ask(Adapter server, String requestLine, String body, String... headers)
            throws IOException {
        List<String> lines = new ArrayList<>(List.of(headers));
        byte[] octets = body.getBytes(UTF_8);
        lines.add("Host: h");
        lines.add("Content-Length: " + octets.length);
        try (WireClient client = WireClient.connect(server.address())) {
            return client.head(requestLine, lines.toArray(String[]::new))
                    .send(octets)
                    .response();
        }
    }

    /** Everything that a request says of itself. */
    private static String everything(HttpServletRequest request) {
        List<String> all = new ArrayList<>();
        for (String name : Collections.list(request.getAttributeNames())) {
            Object value = request.getAttribute(name);
            if (value instanceof String) {
                all.add(name + "=" + value);
            }
        }
        // Not all of them are listed.
        for (String kind : List.of("forward", "include", "async", "error")) {
            String name = "jakarta.servlet." + kind + ".query_string";
            all.add(name + "=" + request.getAttribute(name));
        }
        request.getParameterMap().forEach((name, values) -> all.add(name + "=" + List.of(values)));
        all.add(request.getRequestURL() + "?" + request.getQueryString());
        return request.getDispatcherType() + " " + all;
    }

    private static final HttpServlet DISPATCHING = servlet((request, response) -> {
        boolean there = request.getAttribute("jakarta.servlet.include.request_uri") != null
                || request.getAttribute("again") != null;
        switch (there ? "/x" : request.getRequestURI()) {
            case "/forward" -> request.getRequestDispatcher("/x?own=1").forward(request, response);
            case "/include" -> request.getRequestDispatcher("/x?own=1").include(request, response);
            case "/async" -> request.startAsync().dispatch("/x?own=1");
            case "/nested" -> request.startAsync().dispatch("/forward?own=2");
            case "/again" -> {
                request.setAttribute("again", "yes");
                request.startAsync().dispatch();
            }
            default -> {
                return everything(request);
            }
        }
        return null;
    });

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void hidesTheCredentialOfAQueryAfterADispatchToo(Containers.Starter container) throws Exception {
        try (Adapter server = container.start(new PolicyFilter(inQuery()), DISPATCHING)) {
            for (String path : List.of("/x", "/forward", "/include", "/async", "/again", "/nested")) {
                WireClient.Response response = ask(server, "GET " + path + "?a=b&key=" + TOKEN + " HTTP/1.1", "");

                assertThat(response.status()).as(path).isEqualTo(200);
                assertThat(response.text()).as(path).contains("a=b").doesNotContain(TOKEN);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void forbidsCachesToKeepAnswersToAQueryWithACredential(Containers.Starter container) throws Exception {
        HttpServlet cached = servlet((request, response) -> {
            if (request.getRequestURI().equals("/reset")) {
                response.reset();
            }
            response.setHeader("cache-control", "public, max-age=3600");
            response.addHeader("Cache-Control", "immutable");
            return "in";
        });
        try (Adapter server = container.start(new PolicyFilter(inQuery()), cached)) {
            for (String path : List.of("/", "/reset")) {
                assertThat(ask(server, "GET " + path + "?key=" + TOKEN + " HTTP/1.1", "")
                                .head()
                                .values("cache-control"))
                        .containsExactly("no-store");
            }
            WireClient.Response refused = ask(server, "GET / HTTP/1.1", "");
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.head().values("cache-control")).containsExactly("no-store");
        }
        try (Adapter server = container.start(new PolicyFilter(allowing("true")), cached)) {
            assertThat(ask(server, "GET / HTTP/1.1", "").head().values("cache-control"))
                    .contains("public, max-age=3600");
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void endsWithTheHopWhatConnectionNames(Containers.Starter container) throws Exception {
        HttpServlet probe = servlet((request, response) -> List.of(
                String.valueOf(request.getHeader("X-Safety")),
                Collections.list(request.getHeaders("x-safety")),
                request.getIntHeader("X-Safety"),
                Collections.list(request.getHeaderNames()).contains("X-Safety"),
                String.valueOf(request.getContentType()),
                request.getCookies() == null,
                String.valueOf(request.getParameter("form")),
                request.getHeader("X-Kept")));
        PolicyEngine engine = allowing("!('x-safety' in request.headers) && 'x-kept' in request.headers");
        try (Adapter server = container.start(new PolicyFilter(engine), probe)) {
            String[] headers = {
                "Connection: X-Safety, content-type , Cookie, keep-alive",
                "X-Safety: 1",
                "X-Kept: 1",
                "Cookie: a=1",
                "Content-Type: application/x-www-form-urlencoded"
            };
            assertThat(ask(server, "POST / HTTP/1.1", "form=1", headers).text())
                    .isEqualTo("[null, [], -1, false, null, true, null, 1]");
            headers[0] = "Connection: keep-alive";
            assertThat(ask(server, "POST / HTTP/1.1", "form=1", headers).status())
                    .isEqualTo(403);
        }
    }

    private static final String FORM = String.join(
            "\r\n",
            "preamble",
            "--b\"",
            "Content-Disposition: form-data; name=\"field\"",
            "",
            "v\u00e4lue",
            "--b\" ",
            "content-disposition: form-data; name=file; filename=\"a\\\"b;\u00e9.txt\"",
            "Content-Type: text/plain",
            "X-Own: 1",
            "",
            "line\r\n--b",
            "",
            "--b\"--",
            "epilogue");
    private static final String FORM_TYPE = "Content-Type: multipart/form-data; charset=utf-8; boundary=\"b\\\"\"";

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void givesThePartsOfABodyThatRulesHaveRead(Containers.Starter container, @TempDir Path folder) throws Exception {
        HttpServlet probe = servlet((request, response) -> {
            Part file = request.getPart("file");
            Path copy = folder.resolve("copy");
            file.write(copy.toString());
            return List.of(
                    request.getParts().size(),
                    request.getParameter("field"),
                    request.getParameter("a"),
                    String.valueOf(request.getPart("field").getContentType()),
                    file.getSubmittedFileName(),
                    file.getContentType(),
                    file.getHeader("x-own"),
                    file.getSize(),
                    Files.readString(copy),
                    String.valueOf(request.getPart("none")));
        });
        try (Adapter server = container.start(new PolicyFilter(allowing("size(request.body) > 0")), probe)) {
            assertThat(ask(server, "POST /?a=1 HTTP/1.1", FORM, FORM_TYPE).text())
                    .isEqualTo("[2, v\u00e4lue, 1, null, a\"b;\u00e9.txt, text/plain, 1, 11, line\r\n--b\r\n, null]");
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void saysThatABodyIsNotMadeOfPartsAsItSays(Containers.Starter container) throws Exception {
        HttpServlet probe = servlet((request, response) -> {
            try {
                return request.getParts().size();
            } catch (IOException e) {
                return e.getMessage();
            }
        });
        List<String> bodies = List.of(
                "",
                "--b\r\n",
                "--b\r\n\r\nno name\r\n--b--",
                "--b\r\nContent-Disposition: form-data; name=x\r\n\r\nno end",
                "--bc\r\nContent-Disposition: form-data; name=x\r\n\r\nother boundary\r\n--bc--",
                "--b\r\nno header\r\n\r\n\r\n--b--");
        try (Adapter server = container.start(new PolicyFilter(allowing("size(request.body) >= 0")), probe)) {
            for (String body : bodies) {
                assertThat(ask(server, "POST / HTTP/1.1", body, "Content-Type: multipart/form-data; boundary=b")
                                .text())
                        .as(body)
                        .isEqualTo("the body is not multipart/form-data as its type says");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void refusesACharsetThatNobodyKnows(Containers.Starter container) throws Exception {
        HttpServlet probe = servlet((request, response) -> request.getReader().readLine());
        for (String rule : List.of("size(request.body) > 0", "true")) {
            try (Adapter server = container.start(new PolicyFilter(allowing(rule)), probe)) {
                for (String charset : List.of("none-such", "!", "utf-8%00", "\"\"")) {
                    WireClient.Response response =
                            ask(server, "POST / HTTP/1.1", "text", "Content-Type: text/plain; charset=" + charset);

                    assertThat(response.status()).as(charset).isEqualTo(400);
                    assertThat(response.text()).as(charset).doesNotContain("Exception");
                }
                assertThat(ask(server, "POST / HTTP/1.1", "t\u00e9", "Content-Type: text/plain; charset=\"UTF8\"")
                                .text())
                        .isEqualTo("t\u00e9");
            }
        }
    }
}

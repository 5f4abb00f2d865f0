package io.gatepost.samples.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.samples.gateway.server.GatewayServer;
import io.gatepost.samples.gateway.server.ServeOptions;
import io.gatepost.samples.gateway.server.ServeOptions.AuditOptions;
import io.gatepost.samples.gateway.server.ServeOptions.Upstreams;
import io.gatepost.testkit.WireClient;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code explain} says of each request of a corpus what {@code serve} does with it. A folder with {@code policies.yaml}
 * and {@code requests.txt} in the system property {@code agreement.corpus} is asked instead of the project's own.
 */
class AgreementTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    private static final Map<String, String> TOKENS = Map.of(
            "<alice>", token("alice", "llm", Duration.ofHours(1)),
            "<bob>", token("bob", "llm", Duration.ofHours(1)),
            "<expired>", token("alice", "llm", Duration.ofHours(-1)),
            "<elsewhere>", token("alice", "other", Duration.ofHours(1)),
            "<forged>",
                    ISSUER.token()
                            .claim("aud", "llm")
                            .signedBy(ISSUER.withNewKey("key-1"))
                            .compact());

    @TempDir
    private Path folder;

    private static String token(String subject, String audience, Duration expiry) {
        return ISSUER.token()
                .subject(subject)
                .claim("aud", audience)
                .expiresIn(expiry)
                .compact();
    }

    /** One request as it is sent. */
    private record Sent(String name, String line, List<String> headers, String body) {
        static Sent parse(String text) {
            int blank = text.indexOf("\n\n");
            List<String> head = new ArrayList<>(
                    (blank < 0 ? text : text.substring(0, blank)).lines().toList());
            String body = blank < 0 ? "" : filled(text.substring(blank + 2).stripTrailing());
            String name = head.remove(0);
            String line = filled(head.remove(0));
            List<String> headers = new ArrayList<>();
            for (String header : head) {
                addTo(headers, header);
            }
            boolean framed = headers.stream()
                    .map(header -> header.toLowerCase(Locale.ROOT))
                    .anyMatch(header -> header.startsWith("content-length") || header.startsWith("transfer-encoding"));
            if (!framed && blank >= 0) {
                headers.add("Content-Length: " + body.getBytes(UTF_8).length);
            }
            return new Sent(name, line, headers, body);
        }

        private static void addTo(List<String> headers, String header) {
            if (header.startsWith("X-Many: ")) {
                for (int i = 0; i < 230; i++) {
                    headers.add("X-" + i + ": 1");
                }
            } else {
                headers.add(filled(header).translateEscapes());
            }
        }

        private static String filled(String text) {
            String filled = text.replace("{{chunks}}", "0\r\n\r\n");
            for (Map.Entry<String, String> token : TOKENS.entrySet()) {
                filled = filled.replace(token.getKey(), token.getValue());
            }
            return java.util.regex.Pattern.compile("\\{\\{(.)\\*([0-9]+)}}")
                    .matcher(filled)
                    .replaceAll(found -> java.util.regex.Matcher.quoteReplacement(
                            found.group(1).repeat(Integer.parseInt(found.group(2)))));
        }

        boolean isForwarded() {
            return headers.stream()
                    .anyMatch(header -> header.toLowerCase(Locale.ROOT).contains("forwarded"));
        }

        boolean isAsked(String method) {
            return line.startsWith(method + " ");
        }

        /** As {@code explain --ndjson} reads it. */
        String asked() {
            String[] parts = line.split(" ", 3);
            ObjectNode asked = JSON.createObjectNode();
            ObjectNode request = asked.putObject("request");
            request.put("method", parts[0]).put("uri", parts[1]).put("sourceAddress", "127.0.0.1");
            ArrayNode list = request.putArray("headers");
            for (String header : headers) {
                int colon = header.indexOf(':');
                list.addArray().add(header.substring(0, colon)).add(header.substring(colon + 1));
            }
            if (!body.isEmpty() && !body.equals("0\r\n\r\n")) {
                request.put("body", body);
            }
            return JSON.writeValueAsString(asked);
        }
    }

    /** What came of a request; {@code allow} where it reached the upstream. */
    private record Outcome(String status, String reason) {
        boolean agrees(Outcome other) {
            // Of a head that is too long, the audit record knows no other reason than that it is malformed.
            boolean tooLong = status.equals("431") && other.status.equals("431");
            return tooLong || (status.equals(other.status) && (reason.isEmpty() || reason.equals(other.reason)));
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream file = Objects.requireNonNull(AgreementTest.class.getResourceAsStream(name))) {
            return new String(file.readAllBytes(), UTF_8);
        }
    }

    private static String corpus(String own, String given) throws IOException {
        String elsewhere = System.getProperty("agreement.corpus");
        return elsewhere == null ? resource(own) : Files.readString(Path.of(elsewhere, given));
    }

    private static List<Sent> requests() throws IOException {
        String text = corpus("agreement.txt", "requests.txt");
        List<Sent> sent = new ArrayList<>();
        for (String one : text.substring(text.indexOf("### ")).split("(^|\\n)### ", -1)) {
            if (!one.isBlank()) {
                sent.add(Sent.parse(one));
            }
        }
        return sent;
    }

    private String manifests() throws IOException {
        String text = corpus("agreement.yaml", "policies.yaml").replace("JWKS", ISSUER.jwks());
        return Files.writeString(folder.resolve("policies.yaml"), text).toString();
    }

    @Test
    void explainSaysWhatServeDoes() throws Exception {
        agree(requests(), TrustedProxies.NONE);
    }

    @Test
    void explainSaysWhatServeDoesBehindATrustedProxy() throws Exception {
        // The others do not look at the proxy; -P nightly asks them too.
        List<Sent> some = requests().stream()
                .filter(sent -> sent.isForwarded() || Boolean.getBoolean("gatepost.nightly"))
                .toList();
        agree(some, TrustedProxies.of(List.of("127.0.0.1")), "--trusted-proxies", "127.0.0.1");
    }

    private void agree(List<Sent> requests, TrustedProxies proxies, String... options) throws Exception {
        String file = manifests();
        List<Outcome> served = served(file, proxies, requests);
        List<Outcome> explained = explained(file, requests, options);
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            if (!served.get(i).agrees(explained.get(i))) {
                differences.add(requests.get(i).name() + ": serve " + served.get(i) + ", explain " + explained.get(i));
            }
        }
        assertThat(differences).as("of " + requests.size() + " requests").isEmpty();
        assertThat(served).extracting(Outcome::status).contains("allow", "400", "401", "403", "404");
    }

    private List<Outcome> served(String file, TrustedProxies proxies, List<Sent> requests) throws Exception {
        Path audit = folder.resolve("audit.ndjson");
        HttpServer upstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        upstream.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("X-Upstream", "yes");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        upstream.start();
        URI instead = URI.create("http://127.0.0.1:" + upstream.getAddress().getPort());
        List<WireClient.Response> responses = new ArrayList<>();
        try (GatewayServer gateway = GatewayServer.start(ServeOptions.builder(Path.of(file))
                .upstreams(new Upstreams(false, instead, Map.of()))
                .trustedProxies(proxies)
                .audit(new AuditOptions(audit, List.of(), false))
                .build())) {
            for (Sent sent : requests) {
                responses.add(response(sent, gateway.url().getPort()));
            }
        } finally {
            upstream.stop(0);
        }
        Map<String, String> reasons = new HashMap<>();
        for (String line : Files.readAllLines(audit)) {
            JsonNode record = JSON.readTree(line);
            reasons.put(
                    record.path("request_id").asString(""),
                    record.path("reason").asString(""));
        }
        return responses.stream().map(response -> outcome(response, reasons)).toList();
    }

    private static WireClient.Response response(Sent sent, int port) throws IOException {
        try (WireClient client = WireClient.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            client.head(sent.line(), sent.headers().toArray(String[]::new));
            client.send(sent.body().getBytes(sent.body().isEmpty() ? ISO_8859_1 : UTF_8));
            return sent.isAsked("HEAD") ? client.responseToHead() : client.response();
        }
    }

    /** A policy's own reason stands in the audit log, that of the gateway in the answer. */
    private static Outcome outcome(WireClient.Response response, Map<String, String> reasons) {
        boolean preflight = response.status() == 204;
        if (preflight || response.head().value("X-Upstream") != null) {
            return new Outcome("allow", "");
        }
        String id = String.valueOf(response.head().value("X-Request-Id"));
        String reason = reasons.getOrDefault(id, "");
        String status = String.valueOf(response.status());
        return new Outcome(status, reason.isEmpty() ? code(response) : reason);
    }

    /** Of what a body can't be read for, tools tell the status only. */
    private static String code(WireClient.Response response) {
        if (Set.of(413, 415).contains(response.status()) || !response.text().startsWith("{")) {
            return "";
        }
        String code = String.valueOf(response.error().get("code"));
        return code.equals("invalid_body") ? "body_rejected" : code;
    }

    private List<Outcome> explained(String file, List<Sent> requests, String... options) throws IOException {
        Path lines = folder.resolve("requests.ndjson");
        Files.write(lines, requests.stream().map(Sent::asked).toList());
        List<Outcome> outcomes = new ArrayList<>();
        for (int number = 1; number <= requests.size(); number++) {
            List<String> arguments = new ArrayList<>(List.of("explain", "--file", file, "--format", "json"));
            arguments.addAll(List.of("--ndjson", lines.toString(), "--line", String.valueOf(number)));
            arguments.addAll(List.of(options));
            Cli run = Cli.run(arguments.toArray(String[]::new));
            assertThat(run.exit())
                    .as(requests.get(number - 1).name() + run.err())
                    .isZero();
            outcomes.add(outcome(JSON.readTree(run.out())));
        }
        return outcomes;
    }

    private static Outcome outcome(JsonNode explained) {
        return explained.path("decision").asString("").equals("allow")
                ? new Outcome("allow", "")
                : new Outcome(
                        String.valueOf(explained.path("status").asInt()),
                        explained.path("reason").asString(""));
    }
}

package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.keys.KeyState;
import io.gatepost.tools.token.TokenBuilder;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an operator sees of a gateway: on the admin port, and in the record of decisions. */
@Timeout(120)
class ObservationTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    private Path folder;

    @Test
    void countsWhatWasDecidedByWhomAndWhatItTook() throws Exception {
        try (ObservedGateway gateway = new ObservedGateway(folder, "").busy()) {
            String metrics = gateway.metricsWith("status_code=\"404\"", "gatepost_open_streams 0.0");

            assertThat(metrics)
                    .contains("gatepost_requests_total 6.0")
                    .contains(decisions("allow", "only-alice", "solo.io", "") + " 2.0")
                    .contains(decisions("deny", "only-alice", "solo.io", "rule_not_matched") + " 1.0")
                    .contains(decisions("deny", "only-alice", "", "token_missing") + " 1.0")
                    .contains(decisions("deny", "only-alice", "solo.io", "signature_invalid") + " 1.0")
                    .contains("http_server_request_duration_seconds_count{http_request_method=\"POST\","
                            + "http_response_status_code=\"200\",http_route=\"default/chat\",url_scheme=\"http\"} 2")
                    .contains("http_response_status_code=\"404\",http_route=\"\"")
                    .contains("gen_ai_request_model=\"gpt-4.1-nano\"")
                    .contains("gatepost_token_cache_lookups_total{result=\"miss\"}")
                    .contains("gatepost_open_streams 0.0")
                    .doesNotContain("of-the-client")
                    .doesNotContain("bob");
        }
    }

    private static String decisions(String decision, String policy, String provider, String reason) {
        return "gatepost_decisions_total{decision=\"" + decision + "\",policy=\"default/" + policy + "\",provider=\""
                + provider + "\",reason=\"" + reason + "\"}";
    }

    @Test
    void boundsTheLabelsThatAClientCouldMakeUp() throws Exception {
        try (ObservedGateway gateway = new ObservedGateway(folder, "")) {
            send(gateway, "MADEUP /v1/x HTTP/1.1\r\nHost: made.up\r\nConnection: close\r\n\r\n");

            assertThat(gateway.metricsWith("_OTHER"))
                    .contains("http_request_method=\"_OTHER\"")
                    .doesNotContain("MADEUP")
                    .doesNotContain("made.up");
        }
    }

    @Test
    void tellsWhatBecameOfEachPolicy() throws Exception {
        String policy = """
                ---
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: NAME}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: TARGET}]
                  traffic:
                    REST
                """;
        String rules = "authorization: {action: Deny, policy: {matchExpressions: ['RULE']}}";
        String more = policy.replace("NAME", "lost")
                        .replace("TARGET", "nowhere")
                        .replace("REST", rules.replace("RULE", "false"))
                + policy.replace("NAME", "partly")
                        .replace("TARGET", "chat")
                        .replace("REST", "timeouts: {request: 1s}\n    " + rules.replace("RULE", "false"))
                + policy.replace("NAME", "wrong")
                        .replace("TARGET", "chat")
                        .replace("REST", rules.replace("RULE", "jvt.sub == \"x\""));
        try (ObservedGateway gateway = new ObservedGateway(folder, more)) {
            JsonNode report = JSON.readTree(gateway.admin("/policies").body());

            assertThat(condition(report, "only-alice", "Accepted")).isEqualTo("True Valid");
            assertThat(condition(report, "only-alice", "Attached")).isEqualTo("True Attached");
            assertThat(condition(report, "only-alice", "PartiallyValid")).isEqualTo("False Valid");
            assertThat(condition(report, "lost", "Attached")).isEqualTo("False Pending");
            assertThat(condition(report, "partly", "Accepted")).isEqualTo("True PartiallyValid");
            assertThat(condition(report, "partly", "PartiallyValid")).isEqualTo("True PartiallyValid");
            assertThat(condition(report, "wrong", "Accepted")).isEqualTo("False Invalid");
            assertThat(report.at("/documents/0/kind").asString()).isEqualTo("Gateway");
            assertThat(report.at("/documents/0/place").asString()).endsWith("gateway.yaml:1:1");
            JsonNode chat = report.at("/routes/1");
            assertThat(chat.at("/place").asString()).startsWith("HTTPRoute default/chat, rule rules[0]");
            assertThat(chat.at("/policy").toString())
                    .contains("Allow `jwt.sub ==")
                    .contains("of default/only-alice");
            assertThat(chat.at("/closed_by").toString()).isEqualTo("[\"default/wrong\"]");
        }
    }

    private static String condition(JsonNode report, String policy, String type) {
        for (JsonNode one : report.at("/policies")) {
            if (one.at("/name").asString().equals("default/" + policy)) {
                for (JsonNode condition : one.at("/conditions")) {
                    if (condition.at("/type").asString().equals(type)) {
                        return condition.at("/status").asString() + " "
                                + condition.at("/reason").asString();
                    }
                }
            }
        }
        return "none";
    }

    @Test
    void isReadyOnceAllKeysWereReadAndUntilItDrains() {
        Readiness readiness = new Readiness();
        KeyState unread = new KeyState("https://id.test/jwks", 0, null, "no route", null);
        KeyState read = new KeyState("keys.jwks", 1, Instant.EPOCH, null, null);

        assertThat(readiness.notReadyBecause(false, List.of(read))).isEqualTo("warming up");
        readiness.begin();
        assertThat(readiness.notReadyBecause(false, List.of(read, unread)))
                .isEqualTo("no keys were read yet of https://id.test/jwks");
        assertThat(readiness.notReadyBecause(false, List.of(read))).isNull();
        assertThat(readiness.notReadyBecause(false, List.of(read, unread))).isNull();
        assertThat(readiness.notReadyBecause(true, List.of(read))).isEqualTo("draining");
    }

    @Test
    void recordsDecisionsWithoutCredentialsAndLineBreaksOfClients() throws Exception {
        TokenBuilder token = ObservedGateway.ISSUER
                .token()
                .subject("alice\u2028{\"outcome\":\"allow\"}\n\u0085")
                .claim("team", "red\r\n\u2029")
                .claim("email", "secret@example.com");
        String text = token.compact();
        try (ObservedGateway gateway = new ObservedGateway(folder, "", "team")) {
            gateway.chat(token, false);
            gateway.chat(ObservedGateway.ISSUER.token(), false);
            send(
                    gateway,
                    "GET /v1/" + text + "?token=" + text + " HTTP/1.1\r\nHost: a\r\nCookie: t=" + text
                            + "\r\nX-Request-Id: forged\r\nAuthorization: Basic " + text + "\r\nX-Fold: a\u2028b\r\n"
                            + "Connection: close\r\n\r\n");
            String forged = "/v1/%22outcome%22:%22allow%22%e2%80%a8%c2%85";
            send(gateway, "GET " + forged + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        }
        String written = Files.readString(folder.resolve("audit.ndjson"));

        assertThat(written)
                .isEqualTo(new String(written.getBytes(StandardCharsets.US_ASCII), StandardCharsets.US_ASCII))
                .doesNotContain("secret@example.com", "forged", "/v1/eyJ", text.substring(text.lastIndexOf('.')));
        List<JsonNode> records = written.lines().map(JSON::readTree).toList();
        assertThat(records)
                .extracting(one -> one.path("outcome").asString() + " "
                        + one.path("reason").asString())
                .containsExactly("deny rule_not_matched", "allow ", "deny token_missing", "deny token_missing");
        JsonNode first = records.get(0);
        assertThat(first.at("/claims").toString()).isEqualTo("{\"team\":\"red\\r\\n\u2029\"}");
        assertThat(first.at("/policy").asString()).isEqualTo("default/only-alice");
        assertThat(first.at("/rule").asString()).isEqualTo("jwt.sub == \"alice\"");
        assertThat(records.get(2).at("/path").asString()).isEqualTo("/v1/<redacted>");
        assertThat(records.get(1).at("/subject").asString()).isEqualTo("alice");
    }

    @Test
    void makesTheAuditLogAgainWhereItWasMovedAway() throws Exception {
        try (ObservedGateway gateway = new ObservedGateway(folder, "")) {
            gateway.chat(null, false);
            awaitRecord(gateway.audit);
            Files.move(gateway.audit, folder.resolve("audit.1"));
            gateway.chat(null, false);
            awaitRecord(gateway.audit);

            assertThat(Files.readAllLines(folder.resolve("audit.1"))).hasSize(1);
            assertThat(Files.readAllLines(gateway.audit)).hasSize(1);
        }
    }

    @Test
    void countsTheRecordsThatAFullDiskTakesNot() throws Exception {
        try (ObservedGateway gateway = new ObservedGateway(folder, Path.of("/dev/full"), "")) {
            assertThat(gateway.chat(ObservedGateway.ISSUER.token(), false).statusCode())
                    .isEqualTo(200);

            assertThat(gateway.metricsWith("gatepost_audit_records_total{result=\"dropped\"} 1.0"))
                    .contains("gatepost_audit_records_total{result=\"dropped\"} 1.0")
                    .contains("gatepost_audit_records_total{result=\"written\"} 0.0");
        }
    }

    @Test
    void makesNoRequestWaitForASlowAuditLogAndCountsWhatItDrops() throws Exception {
        int requests = 10_000;
        Path pipe = folder.resolve("audit.pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        // Held open, and read only at the end: a pipe takes 64 KiB by itself.
        try (RandomAccessFile held = new RandomAccessFile(pipe.toFile(), "rw");
                ObservedGateway gateway = new ObservedGateway(folder, pipe, "")) {
            assertThat(answersOf(gateway, requests)).isEqualTo(requests);
            long dropped = dropped(gateway);
            assertThat(dropped).isPositive();

            long read = 0;
            while (read < requests - dropped) {
                assertThat(held.readLine()).endsWith("}");
                read++;
            }
            String all = "gatepost_audit_records_total{result=\"written\"} " + (double) (requests - dropped);
            assertThat(gateway.metricsWith(all)).contains(all);
            assertThat(dropped(gateway)).isEqualTo(dropped);
        }
    }

    /** How many of so many allowed requests on one connection were answered. */
    private static long answersOf(ObservedGateway gateway, int requests) throws Exception {
        String head = "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 31\r\nAuthorization: Bearer "
                + ObservedGateway.ISSUER.token().compact();
        String body = "\r\n\r\n{\"model\":\"any\",\"messages\": [ ]}";
        byte[] next = (head + body).getBytes(StandardCharsets.US_ASCII);
        byte[] last = (head + "\r\nConnection: close" + body).getBytes(StandardCharsets.US_ASCII);
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), gateway.url("/").getPort())) {
            Thread sender = new Thread(() -> {
                try {
                    for (int i = 1; i < requests; i++) {
                        socket.getOutputStream().write(next);
                    }
                    socket.getOutputStream().write(last);
                } catch (IOException counted) {
                    // Then answers are missing, which is what the test looks at.
                }
            });
            sender.start();
            String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            sender.join();
            return answers.split("HTTP/1\\.1 200 ", -1).length - 1L;
        }
    }

    private static long dropped(ObservedGateway gateway) throws Exception {
        Matcher dropped = Pattern.compile("gatepost_audit_records_total\\{result=\"dropped\"} ([0-9.]+)")
                .matcher(gateway.admin("/metrics").body());
        assertThat(dropped.find()).isTrue();
        return (long) Double.parseDouble(dropped.group(1));
    }

    private static void awaitRecord(Path file) throws Exception {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!Files.exists(file) || Files.size(file) == 0) {
            assertThat(System.nanoTime()).as("a record came in time").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private static void send(ObservedGateway gateway, String octets) throws Exception {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), gateway.url("/").getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(octets.getBytes(StandardCharsets.UTF_8));
            socket.getInputStream().readAllBytes();
        }
    }
}

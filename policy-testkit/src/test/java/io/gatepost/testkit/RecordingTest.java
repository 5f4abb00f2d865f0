package io.gatepost.testkit;

import static io.gatepost.testkit.GatepostAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.replay.Recording;
import io.gatepost.tools.replay.Replay;
import io.gatepost.tools.suite.UnreadableRequestException;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://id.example.com");
    private static final String LINES = """
            {"request": {"method": "GET", "uri": "/v1/models?key=secret"}, "claims": {"sub": "alice"}}

            {"request": {"method": "POST", "uri": "/v1/chat", "headers": [["x-team", "red"]]}, "claims": {"sub": "bob"}}
            """;
    private static final String AUDIT = """
            {"route": "default/chat", "method": "GET", "path": "/v1/models", "outcome": "allow", "subject": "alice", "claims": {"team": "red"}}
            {"route": "default/chat", "method": "POST", "path": "/v1/chat", "outcome": "deny", "reason": "rule_not_matched", "subject": "bob"}
            """;

    @TempDir
    private Path folder;

    private Recording read(String text) throws IOException, UnreadableRequestException {
        return Recording.read(Files.writeString(folder.resolve("recorded"), text));
    }

    private static List<TrafficPolicy> rule(String text) {
        return List.of(TrafficPolicy.of(
                "p",
                JwtAuthentication.of(JwtMode.STRICT, ISSUER.provider("llm")),
                Authorization.of(AuthorizationAction.ALLOW, text)));
    }

    @Test
    void decidesOnLinesByTheRulesWhereClaimsStandInForAToken() throws Exception {
        Replay replay = read(LINES).decide(rule("jwt.sub == 'alice' || request.headers['x-team'] == 'red'"));
        assertThat(replay).allowsAll().allowsOnly(1, 3);
        assertThat(replay).request(1).isAllowed().byRule("jwt.sub == 'alice' || request.headers['x-team'] == 'red'");
        assertThat(read(LINES).decide(rule("false"))).allowsOnly();
    }

    @Test
    void decidesOnTheEntriesOfAHarFileWithTheirTokensAsOfTheirTime() throws Exception {
        String token = ISSUER.token()
                .claim("aud", "llm")
                .expiresIn(Duration.ofHours(-1))
                .compact();
        Recording har = read("""
                {"log": {"version": "1.2", "entries": [
                  {"request": {"method": "GET", "url": "data:image/png;base64,AA"}},
                  {"request": {"method": "POST", "url": "https://llm.example.com/v1/chat",
                    "headers": [{"name": ":path", "value": "/v1/chat"}, {"name": "authorization", "value": "Bearer %s"}],
                    "postData": {"mimeType": "application/json", "text": "{\\"model\\": \\"nano\\"}"}}}]}}
                """.formatted(token));
        List<TrafficPolicy> policies = rule("llm.requestModel == 'nano' && request.host == 'llm.example.com'");

        assertThat(har.decide(policies)).request(2).isDenied().because(DenyReason.TOKEN_EXPIRED);
        Clock earlier = Clock.offset(Clock.system(ZoneOffset.UTC), Duration.ofHours(-2));
        assertThat(har.decide(policies, null, earlier)).allowsOnly(2);
        assertThat(har.toString()).doesNotContain(token);
    }

    @Test
    void holdsAnAuditLogAgainstWhatItRecorded() throws Exception {
        assertThat(read(AUDIT).decide(rule("jwt.sub == 'alice' && jwt.team == 'red'")))
                .decidesAsRecorded();
        assertThatThrownBy(() -> assertThat(read(AUDIT).decide(rule("request.path == '/v1/chat'")))
                        .decidesAsRecorded())
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith(
                        "2 of 2 requests:\n1: GET /v1/models\nexpected to be allowed, as recorded, but it"
                                + " was denied because of RULE_NOT_MATCHED (403)\nwhy: no Allow expression held")
                .hasMessageContaining(
                        "2: POST /v1/chat\nexpected to be denied because of RULE_NOT_MATCHED, as recorded");
        assertThatThrownBy(() -> assertThat(read(LINES).decide(rule("true"))).decidesAsRecorded())
                .hasMessageContaining("expected a record of what was decided");
    }

    @Test
    void tellsWhichDecisionsAnotherPolicyChanges() throws Exception {
        Recording recording = read(LINES);
        Replay before = recording.decide(rule("jwt.sub == 'alice'"));
        Replay after = recording.decide(rule("jwt.sub in ['alice', 'bob']"));

        assertThat(before).decidesAs(recording.decide(rule("jwt.sub != 'bob'")));
        assertThat(after).changesOnly(before, 3);
        assertThatThrownBy(() -> assertThat(after).decidesAs(before))
                .hasMessageStartingWith("1 of 2 requests:\n3: POST /v1/chat\nexpected to be denied because of"
                        + " RULE_NOT_MATCHED, as before, but it was allowed\nwhy: ");
        assertThatThrownBy(() -> assertThat(after).changesOnly(before, 1, 3))
                .hasMessageStartingWith(
                        "1 of 2 requests:\n1: GET /v1/models?...\nexpected to change, but it was allowed");
    }

    @Test
    void assertsNothingOfRequestsThatAreNotThere() throws Exception {
        assertThatThrownBy(() -> assertThat(read(LINES).decide(rule("true"))).allowsOnly(1, 2, 3))
                .hasMessage("no request 2 was recorded");
        assertThatThrownBy(() -> assertThat(read("\n").decide(rule("true"))).allowsAll())
                .isInstanceOf(AssertionError.class)
                .hasMessage("expected recorded requests, but there are none");
    }

    @Test
    void namesTheLineOrEntryThatIsNoRequest() {
        assertThatThrownBy(() -> read("{\"request\": {\"method\": \"GET\", \"uri\": \"/\"}}\nGET /secret"))
                .isInstanceOf(UnreadableRequestException.class)
                .hasMessage("line 2 is not JSON");
        assertThatThrownBy(() -> read("{\"log\": {\"entries\": [{}]}}"))
                .hasMessage("entry 1: request: expected an object with method and uri");
        assertThatThrownBy(() -> read("{\"outcome\": \"deny\", \"method\": \"GET\", \"path\": \"/\"}"))
                .hasMessage("line 1: reason: expected one of a denial");
        assertThatThrownBy(() -> read("{\"request\": {\"method\": \"GET\", \"uri\": \"secret\"}}")
                        .decide(rule("true")))
                .hasMessage("request 1: expected an absolute URI or a path");
    }
}

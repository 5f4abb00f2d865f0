package io.gatepost.tools.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatepost.policy.diagnostic.InvalidPolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicySuiteTest {
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: chat}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
              traffic:
                jwtAuthentication:
                  LOCATION
                  providers:
                    - issuer: https://id.example.com
                      audiences: [llm]
                      requiredClaims: [exp, jti, iat, nbf, sub]
                      tokenType: at+jwt
                      jwks: {remote: {url: https://keys.invalid/keys}}
                authorization:
                  policy:
                    matchExpressions:
                      - jwt.team == "research" && request.method == "GET"
                      - jwt.team == "ops"
            """;

    @TempDir
    private Path folder;

    private List<PolicySuite> read(String tests) throws IOException {
        return read("", tests);
    }

    private List<PolicySuite> read(String location, String tests) throws IOException {
        Files.writeString(folder.resolve("chat.yaml"), POLICY.replace("LOCATION\n", location + "\n"));
        return PolicySuite.read(List.of(Files.writeString(folder.resolve("chat.test.yaml"), tests)));
    }

    private TestRun run(String tests) throws IOException {
        return TestRun.of(read(tests));
    }

    private String problems(String tests) {
        InvalidPolicyException problem = catchThrowableOfType(InvalidPolicyException.class, () -> read(tests));
        return String.valueOf(problem.getMessage()).replace(folder + "/", "");
    }

    private static String test(String fields) {
        return "tests:\n  - {name: t, " + fields + "}\n";
    }

    @ParameterizedTest
    @CsvSource({
        "Valid, allow",
        "Expired, token_expired",
        "NotYetValid, token_not_yet_valid",
        "WrongAudience, audience_mismatch",
        "WrongIssuer, issuer_untrusted",
        "WrongKey, signature_invalid",
        "UnknownKey, key_unknown",
        "WrongType, token_type_mismatch",
        "Unsigned, algorithm_not_allowed",
        "Malformed, token_malformed"
    })
    void verifiesTokensInEarnestByTheTestIssuersKeys(String fault, String expected) throws IOException {
        assertThat(run(test("request: GET /, token: {fault: " + fault + ", claims: {team: ops}}, expect: " + expected)))
                .hasToString("1 test, all passed");
    }

    @Test
    void takesAnUnspoiltTokenByItsName() throws IOException {
        TestRun run = run(test("request: GET /, token: Valid, expect: rule_not_matched"));

        assertThat(run.failures()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
    void signsWithEachAlgorithm(String algorithm) throws IOException {
        TestRun run =
                run(test("request: GET /, token: {algorithm: " + algorithm + ", claims: {team: ops}}, expect: allow"));

        assertThat(run.failures()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "location: {header: {name: X-Token}}",
                "location: {header: {name: X-Token, prefix: 'JWT '}}",
                "location: {queryParameter: {name: access token}}",
                "location: {cookie: {name: session}}"
            })
    void putsTheTokenWhereThePolicyLooksForIt(String location) throws IOException {
        List<PolicySuite> suites =
                read(location, test("request: GET /?a=b, token: {claims: {team: ops}}, expect: allow"));

        assertThat(TestRun.of(suites).failures()).isEmpty();
    }

    @Test
    void takesTimesOfATokenFromNow() throws IOException {
        TestRun run = run("""
                tests:
                  - {name: within the skew, request: GET /, token: {expiresIn: -30s, claims: {team: ops}}, expect: allow}
                  - {name: beyond it, request: GET /, token: {expiresIn: -90s, claims: {team: ops}}, expect: token_expired}
                  - {name: soon, request: GET /, token: {notBefore: 2m, claims: {team: ops}}, expect: token_not_yet_valid}
                  - {name: without, request: GET /, token: {without: [jti], claims: {team: ops}}, expect: claim_missing}
                  - {name: header, request: GET /, token: {header: {typ: JWT}, claims: {team: ops}}, expect: token_type_mismatch}
                """);

        assertThat(run).hasToString("5 tests, all passed");
    }

    @Test
    void saysWhatWasExpectedWhatCameInsteadAndWhy() throws IOException {
        TestRun run = run("""
                tests:
                  - name: research reads
                    request: POST /v1/models
                    claims: {team: research}
                    expect: {decision: allow, rule: "chat[1]"}
                """);

        assertThat(run.toString().replace(folder + "/", "")).isEqualTo("""
                FAIL chat.test.yaml:2:5: research reads
                     expected allow, got 403 rule_not_matched
                     why: no Allow expression held of 2: chat.yaml:18:13: spec.traffic.authorization.policy.matchExpressions[0]: \
                `jwt.team == "research" && request.method == "GET"`; \
                chat.yaml:19:13: spec.traffic.authorization.policy.matchExpressions[1]: `jwt.team == "ops"`
                         chat.yaml:18:13: `jwt.team == "research" && request.method == "GET"` did not hold
                             `jwt.team` was "research"
                             `jwt.team == "research"` was true
                             `request.method` was "POST"
                             `request.method == "GET"` was false
                         chat.yaml:19:13: `jwt.team == "ops"` did not hold
                             `jwt.team` was "research"

                1 test, 1 failed""");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"chat[1]", "default/chat[1]", "chat.yaml:19", "chat.yaml:19:13", "jwt.team=='ops'", "\"ops\""})
    void findsTheRuleByItsIndexItsPlaceAndItsText(String reference) throws IOException {
        String quoted = "'" + reference.replace("'ops'", "\"ops\"").replace("'", "''") + "'";

        assertThat(run(test("request: GET /, claims: {team: ops}, expect: {decision: allow, rule: " + quoted + "}"))
                        .failures())
                .isEmpty();
        assertThat(run(test("request: GET /, claims: {team: research}, expect: {decision: allow, rule: " + quoted
                                + "}"))
                        .toString())
                .contains(
                        "expected to be decided by `jwt.team == \"ops\"` at",
                        "was decided by `jwt.team == \"research\"");
    }

    @Test
    void looksAtTheStatusAndTheExplanation() throws IOException {
        TestRun run = run("""
                tests:
                  - {name: a, request: GET /, expect: {status: 401}}
                  - {name: b, request: GET /, expect: {status: 403}}
                  - {name: c, request: GET /, claims: {}, expect: {decision: deny, explanation: no Allow expression held}}
                  - {name: d, request: GET /, claims: {}, expect: {decision: deny, explanation: nonsense}}
                """);

        assertThat(run.failures())
                .flatExtracting(CaseResult::mismatches)
                .containsExactly("expected 403, got 401 token_missing", "expected an explanation with `nonsense`");
    }

    @Test
    void tellsAllThatIsWrongInTestsAndPoliciesAtOnceAndWhere() {
        assertThat(problems("""
                tests:
                  - nam: a
                    request: GET
                    expect: allwo
                  - name: b
                    request: {method: GET, path: models, headers: {"a b": c}, heders: {}}
                    token: {fault: expired, algorithm: ES255, issuer: "https://id.example.org"}
                    claims: {}
                    expect: {decision: allow, reason: rule_denied, rule: jwt.tem}
                  - name: b
                    request: GET /
                    expect: {rule: jwt.team}
                  - name: b
                    request: GET /
                    expect: 3
                  - name: c
                    request: GET /
                    token: 5
                    expect: deny
                more: 1
                """).lines())
                .containsExactly(
                        "chat.test.yaml:2:5: tests[0].nam: unknown field `nam`; did you mean `name`?",
                        "chat.test.yaml:3:14: tests[0].request: expected a method and a path, such as `GET /v1/models`,"
                                + " or a map with `method` and `path`",
                        "chat.test.yaml:4:13: tests[0].expect: expected `allow`, `deny` or a reason of a refusal, found"
                                + " `allwo`; did you mean `allow`?",
                        "chat.test.yaml:6:34: tests[1].request.path: expected a path that begins with a slash, or an"
                                + " absolute URI",
                        "chat.test.yaml:6:52: tests[1].request.headers.a b: a header's name can't have such characters",
                        "chat.test.yaml:6:63: tests[1].request.heders: unknown field `heders`; did you mean `headers`?",
                        "chat.test.yaml:7:5: tests[1].token: `token` and `claims` exclude each other; keep one",
                        "chat.test.yaml:7:20: tests[1].token.fault: expected `Expired`, `NotYetValid`, `WrongAudience`,"
                                + " `WrongIssuer`, `WrongKey`, `UnknownKey`, `WrongType`, `Unsigned`, `Malformed`, found"
                                + " `expired`; did you mean `Expired`?",
                        "chat.test.yaml:7:40: tests[1].token.algorithm: expected one of `RS256`, `RS384`, `RS512`,"
                                + " `PS256`, `PS384`, `PS512`, `ES256`, `ES384`, `ES512`, `EdDSA`, found `ES255`; did you"
                                + " mean `ES256`?",
                        "chat.test.yaml:7:55: tests[1].token.issuer: no provider has this issuer; expected"
                                + " `https://id.example.com`, or `fault: WrongIssuer`; did you mean"
                                + " `https://id.example.com`?",
                        "chat.test.yaml:9:31: tests[1].expect.reason: a request that is allowed has no such thing; leave it"
                                + " out, or expect `deny`",
                        "chat.test.yaml:9:58: tests[1].expect.rule: no rule has this text; give the whole expression, its"
                                + " place, or its policy and index: `default/chat[0]`, `default/chat[1]`",
                        "chat.test.yaml:12:13: tests[2].expect.decision: `decision` is required",
                        "chat.test.yaml:12:20: tests[2].expect.rule: 2 rules have this text; give the whole expression,"
                                + " its place, or its policy and index: `default/chat[0]`, `default/chat[1]`",
                        "chat.test.yaml:15:13: tests[3].expect: expected a map, found the number `3`",
                        "chat.test.yaml:18:12: tests[4].token: expected a map, found the number `5`",
                        "chat.test.yaml:20:1: more: unknown field `more`");
    }

    @Test
    void tellsOfNamesThatStandTwice() {
        assertThat(problems("""
                tests:
                  - {name: a, request: GET /, expect: deny}
                  - {name: a, request: GET /, expect: deny}
                """))
                .isEqualTo("chat.test.yaml:3:12: tests[1].name: a test of this name stands in line 2 already");
    }

    @Test
    void tellsOfAPolicyThatCantBeUsedWhereItIsWritten() throws IOException {
        Files.writeString(
                folder.resolve("bad.yaml"),
                POLICY.replace("LOCATION\n", "\n").replace("jwt.team == \"ops\"", "jwtt.team"));
        Path tests = Files.writeString(folder.resolve("bad.test.yaml"), test("request: GET /, expect: deny"));

        InvalidPolicyException problem =
                catchThrowableOfType(InvalidPolicyException.class, () -> PolicySuite.read(List.of(tests)));

        assertThat(problem.getMessage())
                .endsWith(": unknown name `jwtt`; did you mean `jwt`?")
                .contains("bad.yaml:19:13:");
    }

    @Test
    void findsTestsInFoldersAndBesidePolicies() throws IOException {
        read(test("request: GET /, expect: deny"));
        Path below = Files.createDirectories(folder.resolve("a/b"));
        Files.writeString(
                below.resolve("more.test.yaml"),
                "policies: [../../chat.yaml]\n" + test("request: GET /, expect: deny"));

        assertThat(PolicySuite.read(List.of(folder)))
                .extracting(suite -> folder.relativize(suite.file()).toString())
                .containsExactly("a/b/more.test.yaml", "chat.test.yaml");
        assertThat(PolicySuite.read(List.of(folder.resolve("chat.yaml"))))
                .extracting(suite -> folder.relativize(suite.file()).toString())
                .containsExactly("chat.test.yaml");
    }

    @Test
    void testsAllPoliciesBesideItWhereNoneHasItsName() throws IOException {
        read(test("request: GET /, expect: deny"));
        Path tests = Files.writeString(folder.resolve("all.test.yaml"), test("request: GET /, expect: deny"));

        assertThat(PolicySuite.read(List.of(tests)).get(0).policies())
                .extracting(policy -> policy.name().name())
                .containsExactly("chat");
    }

    @Test
    void tellsWhereThereIsNothingToTest() throws IOException {
        Path policy = Files.writeString(folder.resolve("a.yaml"), "");
        Path empty = Files.createDirectories(folder.resolve("empty"));
        Path alone = Files.writeString(empty.resolve("x.test.yaml"), test("request: GET /, expect: deny"));
        Path none = Files.createDirectories(folder.resolve("none"));

        InvalidPolicyException problem = catchThrowableOfType(
                InvalidPolicyException.class,
                () -> PolicySuite.read(List.of(policy, none, alone, folder.resolve("absent.test.yaml"))));

        assertThat(String.valueOf(problem.getMessage())
                        .replace(folder + "/", "")
                        .lines())
                .containsExactly(
                        "a.yaml:1:1: there are no tests beside it; write them in `a.test.yaml`",
                        "absent.test.yaml:1:1: the file can't be read",
                        "empty/x.test.yaml:1:1: there is no policy beside this file; name some in `policies`",
                        "none:1:1: there is no file `*.test.yaml` in this folder");
    }
}

package io.gatepost.tools.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.gatepost.policy.document.PolicyReader;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Thirty mistakes that people make, each with the document as it was meant. */
class LintTest {
    /** Of a key that nobody has. */
    private static final String CERTIFICATE =
            "MIIBhzCCAS2gAwIBAgIUa7Bg1c8drcyhBYa2h6F6Ubh0B+kwCgYIKoZIzj0EAwIwGTEXMBUGA1UEAwwOaWQuZXhhbX"
                    + "BsZS5jb20wHhcNMjYxMTMwMTAyOTQxWhcNMzYxMTI3MTAyOTQxWjAZMRcwFQYDVQQDDA5pZC5leGFtcGxlLmNvbTBZ"
                    + "MBMGByqGSM49AgEGCCqGSM49AwEHA0IABH6VQYTD66baCUbbz2htllyF/3XycuQNlE/csDigAPYfttPr9m/b18zwVv"
                    + "mfu1yy3McuO7ffI4bJogWtpOfNnAqjUzBRMB0GA1UdDgQWBBSjAYONolCH5tGkWlQtNwekHyRxdTAfBgNVHSMEGDAW"
                    + "gBSjAYONolCH5tGkWlQtNwekHyRxdTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCVd6blf0/1DZ"
                    + "qlOWSPwC7PicR0RhczMVfo6+5EWNIhYgIgLrMVd2uf5VeaiW1XzhCCFXKQnCFbjORN5wtuvU8334Y=";

    private static final Instant CERTIFICATE_ENDS = Instant.parse("2036-11-27T10:29:41Z");

    private static final Clock NOW = Clock.fixed(Instant.parse("2026-11-25T08:00:00Z"), ZoneOffset.UTC);
    private static final String KEY =
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"a\",\"alg\":\"EdDSA\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
    private static final String AUTHENTICATION = """
                jwtAuthentication:
                  mode: Strict
                  providers:
                  - issuer: https://id.example.com
                    audiences: [llm]
                    tokenType: at+jwt
                    jwks: {inline: '{"keys":[KEY]}'}
            """.replace("KEY", KEY);

    static List<Finding> lint(String text) {
        return new Lint(NOW).policies(PolicyReader.parse("policy.yaml", text)).findings(Map.of("policy.yaml", text));
    }

    private static String policy(String traffic) {
        return """
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: chat}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
                  traffic:
                """ + traffic;
    }

    private static String rules(String action, String... expressions) {
        StringBuilder text = new StringBuilder(
                "    authorization:\n      action: " + action + "\n      policy:\n        matchExpressions:\n");
        for (String expression : expressions) {
            text.append("        - '").append(expression.replace("'", "''")).append("'\n");
        }
        return text.toString();
    }

    static String guarded(String action, String... expressions) {
        return policy(AUTHENTICATION + rules(action, expressions));
    }

    private static Arguments rule(String id, String mistake, String meant) {
        return arguments(id, guarded("Require", mistake), guarded("Require", meant));
    }

    private static Arguments authentication(String id, String mistaken, String meant) {
        return arguments(id, policy(AUTHENTICATION.replace(meant, mistaken)), policy(AUTHENTICATION));
    }

    private static Arguments keys(String id, String mistaken, String meant) {
        return arguments(id, policy(AUTHENTICATION.replace(KEY, mistaken)), policy(AUTHENTICATION.replace(KEY, meant)));
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(conditions(), texts(), trust(), together(), authentication(), keySets())
                .flatMap(all -> all);
    }

    private static Stream<Arguments> conditions() {
        return Stream.of(
                rule("never-matches", "jwt.team == 'a' && jwt.team == 'b'", "jwt.team == 'a' || jwt.team == 'b'"),
                rule("never-matches", "jwt.level > 5 && jwt.level < 3", "jwt.level > 3 && jwt.level < 5"),
                rule("never-matches", "jwt.exp == '1795600000'", "jwt.exp == 1795600000"),
                rule("never-matches", "jwt.team in []", "jwt.team in ['a']"),
                rule("never-matches", "size(jwt.roles) < 0", "size(jwt.roles) > 0"),
                rule("never-matches", "request.headers['x-level'] == 5", "request.headers['x-level'] == '5'"),
                rule("never-matches", "jwt.team.lowerAscii() == 'Search'", "jwt.team.lowerAscii() == 'search'"),
                rule("always-matches", "jwt.team != 'a' || jwt.team != 'b'", "jwt.team != 'a' && jwt.team != 'b'"),
                rule("always-matches", "request.path.startsWith('')", "request.path.startsWith('/v1/')"),
                rule("always-matches", "true || jwt.team == 'a'", "jwt.team == 'a'"),
                rule(
                        "constant-part",
                        "request.method == 'POST' || (jwt.team == 'a' && jwt.team == 'b')",
                        "request.method == 'POST' || (jwt.team == 'a' && jwt.tier == 'b')"),
                rule(
                        "redundant-operand",
                        "jwt.team == 'a' || jwt.tier == 'gold' || jwt.team == 'a'",
                        "jwt.team == 'a' || jwt.tier == 'gold' || jwt.team == 'b'"));
    }

    private static Stream<Arguments> texts() {
        return Stream.of(
                rule("substring-test", "jwt.scope.contains('admin')", "'admin' in scopes(jwt)"),
                rule("in-text", "'admin' in jwt.scope", "'admin' in scopes(jwt)"),
                rule(
                        "open-suffix",
                        "jwt.email.endsWith('example.com') && jwt.email_verified",
                        "jwt.email.endsWith('@example.com') && jwt.email_verified"),
                rule("open-path-prefix", "request.path.startsWith('/public')", "request.path.startsWith('/public/')"),
                rule(
                        "unanchored-pattern",
                        "jwt.team.matches('search|research')",
                        "jwt.team.matches('^(search|research)$')"),
                rule("impossible-path", "request.path == '/v1/models?limit=1'", "request.path == '/v1/models'"),
                rule("method-case", "request.method == 'get'", "request.method == 'GET'"),
                rule(
                        "header-name-case",
                        "request.headers.exists(name, name == 'X-Team')",
                        "request.headers.exists(name, name == 'x-team')"),
                rule(
                        "content-type-exact",
                        "request.headers['content-type'] == 'application/json'",
                        "request.headers['content-type'].startsWith('application/json')"),
                rule("number-as-text", "jwt.level > '5'", "jwt.level > 5"),
                rule("audience-compared", "jwt.aud == 'llm'", "jwt.azp == 'llm'"),
                arguments(
                        "exact-path-denied",
                        policy(rules("Require", "jwt.team == 'a'")) + "---\n"
                                + guarded("Deny", "request.path == '/admin'").replace("name: chat}\n", "name: deny}\n"),
                        policy(rules("Require", "jwt.team == 'a'")) + "---\n"
                                + guarded("Deny", "request.path.startsWith('/admin')")
                                        .replace("name: chat}\n", "name: deny}\n")));
    }

    private static Stream<Arguments> trust() {
        String second = AUTHENTICATION
                + "      - {issuer: 'https://lab.example.com', audiences: [llm], tokenType: at+jwt, jwks: {inline: '{\"keys\":["
                + KEY + "]}'}}\n";
        return Stream.of(
                rule(
                        "unverified-email",
                        "jwt.email == 'a@example.com'",
                        "jwt.email == 'a@example.com' && jwt.email_verified"),
                rule(
                        "unverified-claims",
                        "unvalidatedJwtPayload(request.headers['x-token']).sub == 'alice'",
                        "jwt.sub == 'alice'"),
                rule("credential-header", "request.headers.authorization.startsWith('Bearer ')", "jwt.sub == 'alice'"),
                rule(
                        "unbounded-cost",
                        "llm.params.messages.all(m, llm.params.messages.exists(n, n.role == m.role))",
                        "llm.params.messages.all(m, m.role == 'user')"),
                rule(
                        "unbounded-cost",
                        "jwt.team.matches(request.headers['x-pattern'])",
                        "jwt.team == request.headers['x-team']"),
                arguments(
                        "issuer-untested",
                        policy(second + rules("Require", "jwt.sub == 'alice'")),
                        policy(second + rules("Require", "jwt.iss == 'https://id.example.com' && jwt.sub == 'alice'"))),
                arguments(
                        "ignored-deny-error",
                        guarded("Require", "jwt.team == 'a'") + "---\n"
                                + guarded("Deny", "jwt.level > 5")
                                        .replace("action: Deny", "action: Deny\n      onEvaluationError: Ignore")
                                        .replace("name: chat}\n", "name: deny}\n"),
                        guarded("Require", "jwt.team == 'a'") + "---\n"
                                + guarded("Deny", "jwt.level > 5").replace("name: chat}\n", "name: deny}\n")));
    }

    private static Stream<Arguments> together() {
        String optional = AUTHENTICATION.replace("mode: Strict", "mode: Optional");
        return Stream.of(
                arguments(
                        "source-only-allow",
                        guarded("Allow", "['10.0.0.0/8'].exists(n, cidr(n).containsIP(source.address))"),
                        guarded("Require", "['10.0.0.0/8'].exists(n, cidr(n).containsIP(source.address))")),
                arguments(
                        "any-of",
                        guarded("Allow", "jwt.team == 'a'", "request.method == 'GET'"),
                        guarded("Allow", "jwt.team == 'a' && request.method == 'GET'")),
                arguments(
                        "shadowed-allow",
                        guarded("Allow", "jwt.team in ['a', 'b']", "jwt.team == 'a'"),
                        guarded("Allow", "jwt.team in ['a', 'b']", "jwt.team == 'c'")),
                arguments(
                        "deny-without-allow",
                        guarded("Deny", "jwt.team == 'a'"),
                        guarded("Require", "jwt.team != 'a'")),
                arguments(
                        "duplicate-rule",
                        guarded("Require", "jwt.team == 'a'", "'a' == jwt.team"),
                        guarded("Require", "jwt.team == 'a'", "'a' == jwt.org")),
                arguments(
                        "denied-allow",
                        both("Allow", "jwt.team == 'a' && request.method == 'GET'", "Deny", "request.method != 'POST'"),
                        both("Allow", "jwt.team == 'a' && request.method == 'GET'", "Deny", "request.method != 'GET'")),
                arguments(
                        "contradictory-rules",
                        both("Allow", "request.method == 'GET'", "Require", "request.method == 'POST'"),
                        both("Allow", "request.method == 'GET'", "Require", "request.method in ['GET', 'POST']")),
                arguments(
                        "unguarded-jwt",
                        policy(optional + rules("Require", "jwt.team == 'a'")),
                        policy(optional + rules("Require", "jwt == null || jwt.team == 'a'"))),
                arguments(
                        "unguarded-jwt",
                        policy(optional + rules("Allow", "jwt.team == 'a'")),
                        policy(optional
                                + rules("Allow", "has(jwt.team) ? jwt.team == 'a' : request.path == '/v1/models'"))));
    }

    private static String both(String action, String expression, String otherAction, String other) {
        return guarded(action, expression) + "---\n"
                + policy(rules(otherAction, other)).replace("{name: chat}\n", "{name: more}\n");
    }

    private static Stream<Arguments> authentication() {
        return Stream.of(
                authentication("permissive-mode", "mode: Permissive", "mode: Strict"),
                authentication("no-audience", "", "        audiences: [llm]\n"),
                authentication("insecure-issuer", "issuer: http://id.example.com", "issuer: https://id.example.com"),
                authentication("no-expiry", "requiredClaims: [sub]\n        tokenType: at+jwt", "tokenType: at+jwt"),
                authentication("large-clock-skew", "clockSkew: 30m\n        tokenType: at+jwt", "tokenType: at+jwt"),
                authentication("token-type-unchecked", "", "        tokenType: at+jwt\n"),
                authentication(
                        "token-in-query",
                        "location: {queryParameter: {name: token}}\n      mode: Strict",
                        "mode: Strict"),
                arguments(
                        "insecure-keys-url",
                        policy(AUTHENTICATION.replaceFirst(
                                "jwks: .*", "jwks: {remote: {url: 'http://id.example.com/jwks'}}")),
                        policy(AUTHENTICATION.replaceFirst(
                                "jwks: .*", "jwks: {remote: {url: 'http://127.0.0.1:8080/jwks'}}"))));
    }

    private static Stream<Arguments> keySets() {
        String nameless = KEY.replace("\"kid\":\"a\",", "");
        String other = KEY.replace("\"kid\":\"a\"", "\"kid\":\"b\"");
        return Stream.of(
                keys("key-without-id", KEY + "," + nameless, KEY + "," + other),
                keys("duplicate-key-id", KEY + "," + KEY, KEY + "," + other),
                keys("weak-key", rsa(1024, "AQAB", "RS256"), rsa(2048, "AQAB", "RS256")),
                keys("weak-key", rsa(2048, "Aw", "RS256"), rsa(3072, "AQAB", "RS256")),
                keys(
                        "key-without-algorithm",
                        KEY + "," + rsa(2048, "AQAB", "RS256").replace("\"alg\":\"RS256\",", ""),
                        KEY + "," + rsa(2048, "AQAB", "RS256")),
                keys("symmetric-key", KEY + ",{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\"c2VjcmV0\"}", KEY));
    }

    private static String rsa(int bits, String exponent, String algorithm) {
        byte[] modulus = new byte[bits / 8];
        Arrays.fill(modulus, (byte) 0xff);
        return "{\"kty\":\"RSA\",\"kid\":\"r\",\"alg\":\"" + algorithm + "\",\"n\":\""
                + Base64.getUrlEncoder().withoutPadding().encodeToString(modulus) + "\",\"e\":\"" + exponent + "\"}";
    }

    @Test
    void tellsCertificatesThatHaveEndedOrSoonWill() {
        String policy =
                policy(AUTHENTICATION.replace("\"kid\":\"a\",", "\"kid\":\"a\",\"x5c\":[\"" + CERTIFICATE + "\"],"));

        assertThat(found(policy, CERTIFICATE_ENDS.minus(Duration.ofDays(60)))).isEmpty();
        assertThat(found(policy, CERTIFICATE_ENDS.minus(Duration.ofDays(1))))
                .singleElement()
                .asString()
                .contains("key `a` ends at ", "(certificate-expiry)");
        assertThat(found(policy, CERTIFICATE_ENDS.plus(Duration.ofDays(10))))
                .singleElement()
                .asString()
                .contains("key `a` ended at ");
    }

    private static List<Finding> found(String policy, Instant now) {
        return new Lint(Clock.fixed(now, ZoneOffset.UTC))
                .policies(PolicyReader.parse("policy.yaml", policy))
                .findings(Map.of());
    }

    @ParameterizedTest(name = "{0} {index}")
    @MethodSource("mistakes")
    void findsTheMistakeAndNothingWhereItWasMended(String id, String mistaken, String meant) {
        assertThat(lint(mistaken))
                .as(mistaken)
                .extracting(finding -> finding.rule().id())
                .contains(id);
        assertThat(lint(meant)).as(meant).isEmpty();
    }

    @Test
    void saysNothingOfWhatACommentAccepts() {
        String mistaken = guarded("Require", "request.path.startsWith('/public')");
        String rule = "        - 'request";

        assertThat(lint(mistaken.replaceFirst("'\n$", "' # lint: accept open-path-prefix (it is a file)\n")))
                .isEmpty();
        assertThat(lint(mistaken.replace(rule, "        # lint: accept open-path-prefix (it is a file)\n" + rule)))
                .isEmpty();
    }

    @Test
    void acceptsWhatIsFoundWithinABlockWhereTheBlockBegins() {
        String block = policy(AUTHENTICATION + """
                    authorization:
                      action: Require
                      policy:
                        matchExpressions:
                        - | # lint: accept open-path-prefix
                          jwt.team == "a" &&
                          request.path.startsWith("/public")
                """);

        assertThat(lint(block)).isEmpty();
    }

    @Test
    void countsTheAcceptanceOfAnyOfAsUsedWhereOnlyReadingTellsOfIt() {
        String alternatives = guarded("Allow", "jwt.team == 'a'", "jwt.team == 'b'");
        String rule = "        - 'jwt.team == ''a";

        assertThat(lint(alternatives)).isEmpty();
        assertThat(lint(alternatives.replace(rule, "        # lint: accept any-of (teams)\n" + rule)))
                .isEmpty();
    }

    @Test
    void showsNoSecretInAnyFinding() {
        for (String secret : List.of("sk-4f9a8c7e2b1d6053", "Zm9vYmFyQmF6MTIzNDU2Nzg5MGFiQ0")) {
            String rule = "request.headers['x-key'] == '" + secret + "' && request.headers['x-key'] == 'other-key-99'";

            assertThat(lint(guarded("Require", rule, rule)))
                    .extracting(finding -> finding.rule().id())
                    .contains("secret-in-rule", "never-matches");
            assertThat(lint(guarded("Require", rule, rule)).toString()).doesNotContain(secret, "other-key-99");
        }
    }

    @Test
    void suggestsTheIssuerThatWasMeant() {
        assertThat(lint(guarded("Require", "jwt.iss == 'https://id.example.com/'")))
                .singleElement()
                .asString()
                .endsWith("no provider has this issuer; did you mean `https://id.example.com`? (unknown-issuer)");
    }

    @Test
    void tellsAcceptancesThatAcceptNothing() {
        String unused = guarded("Require", "jwt.team == 'a'") + "# lint: accept no-audience\n";
        String unknown = guarded("Require", "jwt.team == 'a'") + "# lint: accept no-audiense\n# lint: ignore all\n";

        assertThat(lint(unused)).extracting(Finding::rule).containsExactly(LintRule.UNUSED_ACCEPTANCE);
        assertThat(lint(unknown))
                .extracting(Finding::rule)
                .containsExactly(LintRule.UNKNOWN_ACCEPTANCE, LintRule.UNKNOWN_ACCEPTANCE);
    }

    @Test
    void pointsAtThePartThatIsMeant() {
        Finding finding = lint(guarded("Require", "jwt.team == 'a' && request.path.startsWith('/public')"))
                .get(0);

        assertThat(finding.toString())
                .isEqualTo("policy.yaml:18:33: warning: `request.path.startsWith(\"/public\")` also holds for"
                        + " `/public-other` (open-path-prefix)");
    }
}

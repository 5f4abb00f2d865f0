package io.gatepost.tools.diff;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.diff.PolicyDiff.Side;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What differs is told so that it can be found; that no part of a policy is passed over, the gateway's tests show. */
class DifferencesTest {
    private static final TokenIssuer ISSUER =
            TokenIssuer.of("https://id.example.com", "ES256", "Aa", Clock.systemUTC());
    private static final TokenIssuer OTHER = TokenIssuer.of("https://id.example.com", "ES256", "BB", Clock.systemUTC());

    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: door}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm, sectionName: http}]
              traffic:
                phase: PostRouting
                jwtAuthentication:
                  mode: Strict
                  location: {header: {name: x-token, prefix: 'Bearer '}}
                  providers:
                    - issuer: https://id.example.com
                      audiences: [llm]
                      requiredClaims: [exp]
                      clockSkew: 60s
                      tokenType: at+jwt
                      jwks: %s
                authorization:
                  action: Allow
                  policy: {matchExpressions: ['jwt.team == "red"']}
            """;

    private static List<Difference> differences(List<TrafficPolicy> from, List<TrafficPolicy> to) {
        return PolicyDiff.of(Side.of(from), Side.of(to), List.of(), 0, Clock.systemUTC())
                .differences();
    }

    private static List<TrafficPolicy> keys(String jwks) {
        return PolicyReader.parse("p.yaml", POLICY.formatted(jwks));
    }

    @Test
    void keysAreToldByTheirThumbprints() {
        List<Difference> told =
                differences(keys("{inline: '" + ISSUER.jwks() + "'}"), keys("{inline: '" + OTHER.jwks() + "'}"));
        assertThat(told)
                .extracting(Difference::text)
                .anySatisfy(text ->
                        assertThat(text).matches("key `Aa`, alg ES256, use sig, thumbprint [\\w-]{43} of provider .*"))
                .anySatisfy(text -> assertThat(text).startsWith("key `BB`"));
        assertThat(differences(
                        keys("{inline: '" + ISSUER.jwks() + "'}"),
                        keys("{inline: '" + ISSUER.jwks().replace(",", " , ") + "'}")))
                .as("layout is no difference")
                .isEmpty();
    }

    @Test
    void anotherIdOfTheSameKeyIsADifference() {
        assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
        assertThat(differences(
                        keys("{inline: '" + ISSUER.jwks() + "'}"),
                        keys("{inline: '" + ISSUER.jwks().replace("\"Aa\"", "\"BB\"") + "'}")))
                .hasSize(2);
    }

    @Test
    void aKeyFileInAnotherFolderIsADifferenceAndSoIsWhatIsInIt(@TempDir Path folder) throws IOException {
        Path former = Files.createDirectories(folder.resolve("a")).resolve("keys.json");
        Path other = Files.createDirectories(folder.resolve("b")).resolve("keys.json");
        Files.writeString(former, ISSUER.jwks());
        Files.writeString(other, ISSUER.jwks());
        List<TrafficPolicy> from = keys("{file: " + former + "}");
        assertThat(differences(from, keys("{file: " + other + "}")))
                .extracting(Difference::text)
                .singleElement()
                .asString()
                .startsWith("jwks.path of provider `https://id.example.com` of policy default/door: ");
        Files.writeString(other, OTHER.jwks());
        assertThat(differences(from, keys("{file: " + other + "}"))).hasSize(3);
    }
}

package io.gatepost.tools.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.tools.token.TokenIssuer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an explanation looks like. */
class ExplainedTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-25T08:00:00Z"), ZoneOffset.UTC);
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://id.example.com", "ES256", "key-1", CLOCK);
    private static final Explainer EXPLAINER = new Explainer(null, CLOCK);
    private static final String POLICIES = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: door}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
              traffic:
                phase: PreRouting
                jwtAuthentication:
                  providers:
                    - issuer: https://id.example.com
                      audiences: [llm]
                      jwks: {inline: '%s'}
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: models}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                authorization:
                  policy:
                    matchExpressions:
                      - 'jwt.sub == "alice" && request.method == "GET"'
                      - '"admin" in jwt.roles'
            """.formatted(ISSUER.jwks());

    private static Explained explained() {
        return explained(EXPLAINER);
    }

    private static Explained explained(Explainer explainer) {
        String token = ISSUER.token()
                .subject("bob")
                .claim("aud", "llm")
                .claim("roles", List.of("staff"))
                .compact();
        PolicyRequest request = PolicyRequest.builder("POST", "http://llm.example.com/v1/chat/completions")
                .header("Authorization", "Bearer " + token)
                .build();
        return explainer.explain(RoutePolicies.of(PolicyReader.parse("p.yaml", POLICIES)), request, null);
    }

    @Test
    void readsFromTheEffectivePolicyToThePartsOfExpressions() {
        assertThat(explained().text()).isEqualTo("""
                deny 403 rule_not_matched
                no Allow expression held of 2: p.yaml:23:14: spec.traffic.authorization.policy.matchExpressions[0]: \
                `jwt.sub == "alice" && request.method == "GET"`; \
                p.yaml:24:14: spec.traffic.authorization.policy.matchExpressions[1]: `"admin" in jwt.roles`
                policy before routing
                    jwtAuthentication Strict of default/door  [p.yaml:9:7]
                    provider `https://id.example.com`, audiences `llm`  [p.yaml:10:11]
                token before routing
                  yes   credential: one (expected one token in the header `authorization` behind `Bearer`)  [p.yaml:9:7]
                  yes   form: one, signed ES256 (expected a signed JWT in compact form)  [p.yaml:9:7]
                  yes   provider: `iss` is "https://id.example.com" (expected `iss` is `https://id.example.com`)  [p.yaml:10:11]
                  yes   key: key "key-1" for ES256, by `kid` (expected a key for ES256)  [p.yaml:10:11]
                  yes   signature: the key's (expected the key's signature)  [p.yaml:10:11]
                  yes   exp: 2026-11-25T08:10:00Z (expected after 2026-11-25T08:00:00Z, 60 s of clock skew allowed)  [p.yaml:10:11]
                  yes   aud: "llm" (expected `llm`)  [p.yaml:10:11]
                policy after routing
                    Allow `jwt.sub == "alice" && request.method == "GET"` of default/models  [p.yaml:23:14]
                    Allow `"admin" in jwt.roles` of default/models  [p.yaml:24:14]
                rules after routing
                  NO  * Allow `jwt.sub == "alice" && request.method == "GET"` of default/models: does not hold  [p.yaml:23:14]
                       * jwt.sub = "bob"
                       * jwt.sub == "alice" = false
                  NO  * Allow `"admin" in jwt.roles` of default/models: does not hold  [p.yaml:24:14]
                       * jwt.roles = ["staff"]
                it would be allowed with
                  claim `roles` with "admin" in it, not ["staff"]
                  or in the policy default/models at p.yaml:23:14, for this subject's request only: one more expression, \
                `jwt.iss == "https://id.example.com" && jwt.sub == "bob" && request.method == "POST" && \
                request.path == "/v1/chat/completions"`
                """);
    }

    @Test
    void isJsonForPrograms() {
        assertThat(explained().json())
                .startsWith(
                        "{\"decision\":\"deny\",\"status\":403,\"reason\":\"rule_not_matched\",\"summary\":\"no Allow")
                .contains(
                        "{\"kind\":\"part\",\"text\":\"jwt.sub == \\\"alice\\\"\",\"value\":\"false\",\"mark\":\"note\","
                                + "\"decisive\":true,\"at\":\"p.yaml:23:14\",\"children\":[]}")
                .contains(
                        "{\"text\":\"claim `roles` with \\\"admin\\\" in it, not [\\\"staff\\\"]\",\"changesPolicy\":false,"
                                + "\"changes\":[{\"kind\":\"claim\",\"name\":\"roles\"");
    }

    @Test
    void tellsWhyARequestIsAllowedToo() {
        Explained explained = EXPLAINER.explain(
                RoutePolicies.of(PolicyReader.parse("p.yaml", POLICIES)),
                PolicyRequest.builder("POST", "/").build(),
                Map.of("sub", "bob", "roles", List.of("admin")));
        assertThat(explained.text())
                .startsWith("allow\nan Allow expression held: p.yaml:24:14")
                .contains("claims were given in place of a token; nothing was verified")
                .contains("yes * Allow `\"admin\" in jwt.roles` of default/models: holds");
        assertThat(explained.cures()).isEmpty();
    }

    @Test
    void holdsNoToken() {
        String token = ISSUER.token().compact();
        PolicyRequest request = PolicyRequest.builder("POST", "/")
                .header("Authorization", "Bearer " + token)
                .build();
        Explained explained =
                EXPLAINER.explain(RoutePolicies.of(PolicyReader.parse("p.yaml", POLICIES)), request, null);
        for (String segment : token.split("\\.", -1)) {
            assertThat(explained.text() + explained.json() + explained).doesNotContain(segment);
        }
    }

    @Test
    void tellsDecisionAndTreeWhereNoTimeIsLeftForCures() {
        Explained whole = explained();
        Explained cut = explained(EXPLAINER.searchingFor(Duration.ZERO));

        assertThat(cut.decision().getClass()).isEqualTo(whole.decision().getClass());
        assertThat(cut.tree()).hasSameSizeAs(whole.tree());
        assertThat(cut.cures()).isEmpty();
        assertThat(cut.text())
                .startsWith(whole.text().replaceFirst("(?s)it would be allowed with.*", ""))
                .endsWith(
                        "nothing was found that would allow it\nthe search was cut for lack of time: there may be more\n");
        assertThat(cut.json()).endsWith("\"cures\":[],\"cut\":true}");
        assertThat(whole.cut()).isFalse();
        assertThat(whole.json()).doesNotContain("\"cut\"");
        assertThat(explained(EXPLAINER.searchingFor(Duration.ofDays(1)))).hasToString(whole.toString());
    }
}

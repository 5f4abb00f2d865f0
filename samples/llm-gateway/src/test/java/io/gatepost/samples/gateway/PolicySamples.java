package io.gatepost.samples.gateway;

import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenIssuer;
import java.time.Clock;
import java.util.List;

/**
 * Documents that between them have every part of a policy, each part with two values at least. A new field belongs into
 * {@link #FULL} and {@link #OTHER}, with another value in each.
 */
final class PolicySamples {
    private static final TokenIssuer ISSUER =
            TokenIssuer.of("https://id.example.com", "ES256", "Aa", Clock.systemUTC());
    private static final TokenIssuer ANOTHER =
            TokenIssuer.of("https://id.example.com", "ES256", "BB", Clock.systemUTC());

    private static final String FULL = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: door}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm, sectionName: http}]
              strategy: {inheritance: Default}
              traffic:
                phase: PostRouting
                jwtAuthentication:
                  mode: Strict
                  location: %s
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

    private static final String OTHER = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: gate, namespace: other, annotations: {gatepost.io/enforcement: shadow}}
            spec:
              targetSelectors: [{group: %s, kind: %s, matchLabels: {%s: b}, sectionName: %s}]
              strategy: {inheritance: Override}
              traffic:
                phase: PreRouting
                jwtAuthentication:
                  mode: Optional
                  location: %s
                  providers:
                    - issuer: https://other.example.com
                      audiences: [other]
                      requiredClaims: [exp, sub]
                      clockSkew: 30s
                      tokenType: JWT
                      jwks: %s
                authorization:
                  action: Deny
                  onEvaluationError: Ignore
                  enforcement: Shadow
                  policy: {matchExpressions: ['jwt.team == "blue"']}
            """;

    private PolicySamples() {}

    private static String full(String location, String jwks) {
        return FULL.formatted(location, jwks);
    }

    private static String other(String location, String jwks) {
        return OTHER.formatted("gateway.networking.k8s.io", "Gateway", "a", "http", location, jwks);
    }

    /** Policies that load. */
    static List<String> documents() {
        return List.of(
                full("{header: {name: x-token, prefix: 'Bearer '}}", "{inline: '" + ISSUER.jwks() + "'}"),
                other("{header: {name: x-other, prefix: 'Token '}}", "{inline: '" + ANOTHER.jwks() + "'}"),
                full("{queryParameter: {name: token}}", "{file: keys/a.json}"),
                other("{queryParameter: {name: key}}", "{file: keys/b.json}"),
                full("{cookie: {name: token}}", "{remote: {url: 'https://id.example.com/keys', cacheDuration: 5m}}"),
                other("{cookie: {name: key}}", "{remote: {url: 'https://other.example.com/keys', cacheDuration: 10m}}"),
                full(
                        "{expression: 'request.headers[\"x-token\"]'}",
                        "{remote: {jwksPath: /keys, cacheDuration: 5m, backendRef: {kind: Service, name: keys,"
                                + " namespace: id, port: 80}}}"),
                other(
                        "{expression: 'request.headers[\"x-key\"]'}",
                        "{remote: {jwksPath: /jwks, cacheDuration: 10m, backendRef: {group: agentgateway.dev, kind:"
                                + " AgentgatewayBackend, name: idp, namespace: auth, port: 443}}}"),
                OTHER.formatted(
                                "inference.networking.k8s.io",
                                "InferencePool",
                                "c",
                                "grpc",
                                "{header: {name: x-other}}",
                                "{file: keys/c.json}")
                        .replace("PreRouting", "PostRouting")
                        .replace("targetSelectors", "targetRefs")
                        .replace("matchLabels: {c: b}", "name: pool"),
                OTHER.formatted(
                                "inference.networking.k8s.io",
                                "InferencePool",
                                "c",
                                "grpc",
                                "{header: {name: x-other}}",
                                "{file: keys/c.json}")
                        .replace("PreRouting", "PostRouting"));
    }

    static TrafficPolicy policy(String document) {
        return PolicyReader.parse("policy.yaml", document).get(0);
    }

    /** The same document with something in it that makes it unusable, and hides none of its parts. */
    static String broken(String document) {
        return document.replace("  strategy:", "  nonsense: true\n  strategy:")
                .replace("enforcement: shadow", "enforcement: enforced");
    }
}

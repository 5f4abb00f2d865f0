package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.routes.manifest.Environment;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Routes cost what they say, and not an engine each. */
class ManyRoutesTest {
    private static final int MANY = 10_000;
    private static final long MORE_BYTES = 30L << 20;
    private static final int ENGINES = 7;
    private static final TokenIssuer ISSUER = TokenIssuer.of("solo.io");
    private static final String GATEWAY = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec:
              gatewayClassName: gatepost
              listeners: [{name: http, port: 8080, protocol: HTTP}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: openai}
            spec: {ai: {provider: {openai: {}}}}
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: guard}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: gw}]
              traffic:
                jwtAuthentication:
                  providers: [{issuer: solo.io, jwks: {inline: 'JWKS'}}]
                authorization:
                  policy: {matchExpressions: ['jwt.team == "red"', 'jwt.team == "blue"']}
            """.replace("JWKS", ISSUER.jwks());

    @TempDir
    private Path folder;

    private record Cost(long bytes, int engines) {}

    @Test
    @Timeout(300)
    void tenThousandRoutesUnderOnePolicyShareItsEngine() throws IOException {
        serving(1); // what is loaded for the first one is nobody's
        Cost one = serving(1);
        Cost many = serving(MANY);

        System.out.printf(
                "1 route: %,d bytes, %d engines; %,d routes: %,d bytes, %d engines; %,d bytes more%n",
                one.bytes(), one.engines(), MANY, many.bytes(), many.engines(), many.bytes() - one.bytes());
        assertThat(many.engines()).as("engines").isLessThanOrEqualTo(ENGINES).isEqualTo(one.engines());
        assertThat(many.bytes() - one.bytes()).as("bytes more").isLessThanOrEqualTo(MORE_BYTES);
    }

    private Cost serving(int routes) throws IOException {
        StringBuilder text = new StringBuilder(GATEWAY);
        for (int i = 0; i < routes; i++) {
            text.append(route(i));
        }
        Path file = Files.writeString(folder.resolve("gateway.yaml"), text);
        text.setLength(0);
        long before = used();
        ServeOptions options = ServeOptions.builder()
                .manifests(new ServeOptions.ManifestFiles(
                        List.of(file), false, false, true, Environment.ofProcess(Set.of())))
                .upstreams(new ServeOptions.Upstreams(true, null, Map.of()))
                .build();
        try (GatewayServer gateway = GatewayServer.start(options)) {
            return new Cost(used() - before, gateway.engines());
        }
    }

    private static String route(int number) {
        return """
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: r%d}
                spec:
                  parentRefs: [{name: gw}]
                  rules:
                    - matches: [{path: {type: PathPrefix, value: /r%d}}]
                      backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]
                """.formatted(number, number);
    }

    /** What is reachable, once nothing more is found that is not. */
    private static long used() {
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            ManagementFactory.getMemoryMXBean().gc();
            long now = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            if (now >= used) {
                return used;
            }
            used = now;
        }
        return used;
    }
}

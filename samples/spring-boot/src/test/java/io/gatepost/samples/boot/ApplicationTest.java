package io.gatepost.samples.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.testkit.WireClient;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ApplicationContextException;
import org.springframework.context.ConfigurableApplicationContext;

class ApplicationTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");

    @TempDir
    private Path directory;

    private ConfigurableApplicationContext start() throws IOException {
        Path policy = Files.writeString(directory.resolve("policy.yaml"), """
                apiVersion: gateway.networking.k8s.io/v1alpha2
                kind: TrafficPolicy
                metadata:
                  name: alice-only
                spec:
                  targetRefs:
                    - group: gateway.networking.k8s.io
                      kind: Gateway
                      name: llm
                  traffic:
                    jwtAuthentication:
                      mode: Strict
                      providers:
                        - issuer: https://issuer.test
                          jwks:
                            inline: '%s'
                      authorization:
                        action: Allow
                        policy:
                          matchExpressions:
                            - jwt.sub == "alice"
                """.formatted(ISSUER.jwks()));
        return SpringApplication.run(
                Application.class, "--server.port=0", "--server.address=127.0.0.1", "--gatepost.policy-file=" + policy);
    }

    private static WireClient.Response ask(ConfigurableApplicationContext application, String... headers)
            throws IOException {
        int port = Objects.requireNonNull(((ServletWebServerApplicationContext) application).getWebServer())
                .getPort();
        try (WireClient client = WireClient.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            String[] lines = new String[headers.length + 1];
            lines[0] = "Host: app.test";
            System.arraycopy(headers, 0, lines, 1, headers.length);
            return client.head("GET /whoami HTTP/1.1", lines).response();
        }
    }

    private static String bearer(String subject) {
        return "Authorization: Bearer " + ISSUER.token().subject(subject).compact();
    }

    @Test
    void guardsItsControllersByThePolicyFile() throws Exception {
        try (ConfigurableApplicationContext application = start()) {
            assertThat(ask(application).status()).isEqualTo(401);
            assertThat(ask(application, bearer("bob")).status()).isEqualTo(403);

            WireClient.Response alice = ask(application, bearer("alice"));
            assertThat(alice.status()).isEqualTo(200);
            assertThat(alice.text()).contains("\"subject\":\"alice\"", "\"issuer\":\"https://issuer.test\"");
        }
    }

    @Test
    void doesNotStartWithAWrongPolicyFile() {
        assertThatThrownBy(() -> SpringApplication.run(
                        Application.class,
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--gatepost.policy-file=none"))
                .isInstanceOf(ApplicationContextException.class);
    }
}

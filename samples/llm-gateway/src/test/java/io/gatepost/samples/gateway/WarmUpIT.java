package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the command line says and does about a warm-up. */
@Timeout(120)
class WarmUpIT {
    private static final String POLICY = """
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: nobody}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}]
              traffic:
                authorization: {policy: {matchExpressions: ['request.method == "NOBODY"']}}
            """;

    @TempDir
    private Path folder;

    private String manifests() throws IOException {
        return Files.writeString(folder.resolve("manifests.yaml"), LifeIT.ROUTE + POLICY)
                .toString();
    }

    @Test
    void isOneLineOfTheLog() throws Exception {
        try (GatewayProcess gateway = new GatewayProcess(folder, "--file", manifests(), "--warm-up", "1s")) {
            assertThat(gateway.printed())
                    .containsExactly(
                            "route default/a: no token asked for, 1 rule (policy default/nobody)",
                            "ready " + gateway.url());
            assertThat(gateway.log().lines())
                    .singleElement()
                    .asString()
                    .containsPattern("INFO gateway - warmed up in \\d+ ms by [1-9]\\d* requests$");
            assertThat(gateway.metric("gatepost_requests_total")).isZero();
            assertThat(gateway.metric("gatepost_decisions_total{decision=\"deny\""))
                    .isZero();
        }
    }

    @Test
    void isLeftOutWhereItIsTurnedOffOrOnlyTriedOut() throws Exception {
        for (List<String> options : List.of(List.of("--warm-up", "0s"), List.of("--mock-llm"))) {
            try (Started gateway = new Started(options)) {
                assertThat(gateway.lineWith("ready ")).startsWith("ready ");
                assertThat(gateway.log()).doesNotContain("warmed up");
            }
        }
    }

    /** Long before its time is up. */
    @Test
    void endsWhenItIsAskedTo() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (Started gateway = new Started(List.of("--warm-up", "10m", "--admin-port", Integer.toString(port)))) {
            String said = "";
            while (!said.contains("answers 503")) {
                Cli health = Cli.run("health", "--admin-port", Integer.toString(port));
                said = health.out() + health.err();
                assertThat(gateway.process.isAlive()).isTrue();
            }
            gateway.process.toHandle().destroy();

            assertThat(gateway.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(gateway.process.exitValue()).isZero();
            assertThat(gateway.lineWith("ready ")).isEmpty();
        }
    }

    /** A process of which nothing is awaited. */
    private final class Started implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;

        Started(List<String> options) throws IOException {
            ProcessBuilder command = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-jar",
                    System.getProperty("gatepost.jar", "target/llm-gateway.jar"),
                    "serve",
                    "--port",
                    "0",
                    "--file",
                    manifests());
            command.command().addAll(options);
            if (!options.contains("--admin-port")) {
                command.command().addAll(List.of("--admin-port", "0"));
            }
            process = command.redirectError(folder.resolve("log").toFile()).start();
            out = process.inputReader();
        }

        /** Empty where none came. */
        String lineWith(String beginning) throws IOException {
            String line = out.readLine();
            while (line != null && !line.startsWith(beginning)) {
                line = out.readLine();
            }
            return line == null ? "" : line;
        }

        String log() throws IOException {
            return Files.readString(folder.resolve("log"));
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}

package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The likely mistakes: each gets one message that says what to do, and no stack trace. */
class ServeCommandTest {
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: some}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}]
              traffic:
                authorization: {policy: {matchExpressions: ['jvt.sub == "alice"']}}
            """;

    @TempDir
    private Path folder;

    @Test
    void refusesAStateDirectoryThatOthersMayWrite() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));

        Cli serve = Cli.run("serve", "--file", folder.toString(), "--state-dir", folder.toString());

        assertThat(serve.exit()).isEqualTo(1);
        assertThat(serve.err()).contains("the state directory `" + folder + "` must be a folder that its owner");
    }

    @Test
    void saysThatAPortIsTaken() throws Exception {
        write(LifeIT.ROUTE);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());

            assertProblem(
                    serve("--port", port, "--admin-port", "0"),
                    "port " + port + " of 127.0.0.1 can't be listened on: something else does");
            assertProblem(
                    serve("--port", "0", "--admin-port", port),
                    "port 0 or " + port + " of 127.0.0.1 can't be listened on: something else does");
        }
    }

    @Test
    void saysThatAFileIsMissing() {
        Path missing = folder.resolve("missing.yaml");

        assertProblem(Cli.run("serve", "--file", missing.toString()), missing.toString());
    }

    @Test
    void saysWhereAPolicyIsInvalid() throws Exception {
        write(LifeIT.ROUTE + "---\n" + POLICY);

        assertProblem(serve(), "unknown name `jvt`; did you mean `jwt`?");
    }

    @Test
    void saysThatACertificateIsMissing() throws Exception {
        write(LifeIT.ROUTE);
        String missing = folder.resolve("missing.pem").toString();

        assertProblem(serve("--tls-cert", missing, "--tls-key", missing), "`" + missing + "` does not exist");
    }

    @ParameterizedTest
    @CsvSource({
        "--tls-cert, a.pem, TLS needs --tls-cert and --tls-key",
        "--tls-client-ca, a.pem, TLS needs --tls-cert and --tls-key",
        "--max-connections, 0, a limit is positive",
        "--max-judged-body-bytes, 0, a limit is positive",
        "--max-judged-body-bytes, 2MiB, is not an int",
        "--head-timeout, 0s, a timeout is positive",
        "--drain-timeout, soon, expected a time such as 90s",
        "--warm-up, soon, expected a time such as 90s",
        "--forward-auth-claims, a b, expected letters",
        "--discovery-hosts, keys.test/a, expected a host without port and path",
        "--playground-host, gateway.internal, --playground-host needs --playground"
    })
    void saysHowAnOptionIsMeant(String option, String value, String problem) throws Exception {
        write(LifeIT.ROUTE);

        Cli serve = serve(option, value);

        assertThat(serve.exit()).isEqualTo(2);
        assertThat(serve.err()).contains(problem).contains("--help` says more");
    }

    @Test
    void servesThePlaygroundToLoopbackOnlyUnlessToldOtherwise() throws Exception {
        write(LifeIT.ROUTE);

        Cli open = serve("--playground", "--host", "0.0.0.0");
        Cli nowhere = serve("--playground", "--admin-port", "0");

        assertThat(open.exit()).isEqualTo(2);
        assertThat(open.err()).contains("--playground is for loopback, and --host is `0.0.0.0`", "--playground-host");
        assertThat(nowhere.exit()).isEqualTo(2);
        assertThat(nowhere.err()).contains("--playground needs the admin port: leave out --admin-port 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"keys", "token", "validate", "effective", "decide", "eval", "serve", "health"})
    void tellsOfEveryOptionInItsHelp(String verb) {
        String help = Cli.run(verb, "--help").out();

        assertThat(Cli.run("--help").out()).contains(verb);
        CommandLine command =
                Objects.requireNonNull(Main.commandLine(verb).getSubcommands().get(verb));
        for (OptionSpec option : command.getCommandSpec().options()) {
            assertThat(help).contains(option.longestName());
            assertThat(option.description()).as(option.longestName()).isNotEmpty();
        }
    }

    @Test
    void saysThatNoGatewayIsThereToAskForItsHealth() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertProblem(
                Cli.run("health", "--admin-port", Integer.toString(port)),
                "nothing answers on port " + port + "; is the gateway running?");
    }

    private void write(String manifests) throws IOException {
        Files.writeString(folder.resolve("manifests.yaml"), manifests);
    }

    private Cli serve(String... options) {
        String[] all = new String[options.length + 3];
        all[0] = "serve";
        all[1] = "--file";
        all[2] = folder.resolve("manifests.yaml").toString();
        System.arraycopy(options, 0, all, 3, options.length);
        return Cli.run(all);
    }

    private static void assertProblem(Cli serve, String message) {
        assertThat(serve.exit()).isEqualTo(1);
        assertThat(serve.out()).isEmpty();
        assertThat(serve.err()).contains(message).doesNotContain("\tat ").doesNotContain("Exception");
    }
}

package io.gatepost.samples.gateway;

import io.gatepost.samples.gateway.server.GatewayServer;
import io.gatepost.samples.gateway.server.ServeOptions;
import io.gatepost.samples.gateway.server.ServeOptions.Listen;
import io.gatepost.samples.gateway.server.ServeOptions.Upstreams;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/**
 * {@code rehearse}: does once what a start and a first request do, with a policy, a key and an LLM of its own, so that
 * the JVM can write down which classes that takes.
 */
@Command(
        name = "rehearse",
        description = "Starts a gateway of its own on loopback, asks it once and ends. With"
                + " -XX:ArchiveClassesAtExit=FILE the JVM writes down what it loaded, and with"
                + " -XX:SharedArchiveFile=FILE it starts the gateway in about half the time.",
        mixinStandardHelpOptions = true)
final class RehearseCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
        NativeCryptography.install();
        Path folder = Files.createTempDirectory("gatepost-rehearsal");
        try {
            said("keys", "--out", folder.toString());
            copyManifests(folder);
            String token = said(
                    "token",
                    "--issuer",
                    "rehearsal",
                    "--subject",
                    "alice",
                    "--claim",
                    "aud=\"llm\"",
                    "--key",
                    folder.resolve("private.jwk").toString());
            ServeOptions options = ServeOptions.builder(folder.resolve("rehearsal.yaml"))
                    .listen(new Listen("127.0.0.1", 0, 0))
                    .upstreams(new Upstreams(true, null, Map.of()))
                    .build();
            try (GatewayServer gateway = GatewayServer.start(options)) {
                ask(gateway.url(), null, 401);
                ask(gateway.url(), token.strip(), 200);
            }
            return 0;
        } finally {
            delete(folder);
        }
    }

    /** What another verb prints. */
    private static String said(String... arguments) {
        StringWriter out = new StringWriter();
        if (Main.commandLine().setOut(new PrintWriter(out)).execute(arguments) != 0) {
            throw new CommandException("the rehearsal failed at `" + arguments[0] + "`");
        }
        return out.toString();
    }

    private static void copyManifests(Path folder) throws IOException {
        try (InputStream manifests = RehearseCommand.class.getResourceAsStream("rehearsal.yaml")) {
            Files.copy(Objects.requireNonNull(manifests), folder.resolve("rehearsal.yaml"));
        }
    }

    private static void ask(URI gateway, @Nullable String token, int expected) throws IOException {
        HttpURLConnection request = (HttpURLConnection)
                gateway.resolve("/v1/chat/completions").toURL().openConnection();
        request.setDoOutput(true);
        request.setRequestProperty("Content-Type", "application/json");
        if (token != null) {
            request.setRequestProperty("Authorization", "Bearer " + token);
        }
        request.getOutputStream().write("{\"model\":\"m\",\"messages\":[]}".getBytes(StandardCharsets.UTF_8));
        int status = request.getResponseCode();
        request.disconnect();
        if (status != expected) {
            throw new CommandException("the rehearsal got " + status + " instead of " + expected);
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> entries;
        try (Stream<Path> found = Files.walk(folder)) {
            entries = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path entry : entries) {
            Files.delete(entry);
        }
    }
}

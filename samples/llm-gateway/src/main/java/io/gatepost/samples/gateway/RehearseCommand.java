package io.gatepost.samples.gateway;

import io.gatepost.samples.gateway.server.GatewayServer;
import io.gatepost.samples.gateway.server.ServeOptions;
import io.gatepost.samples.gateway.server.ServeOptions.Listen;
import io.gatepost.samples.gateway.server.ServeOptions.Upstreams;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code rehearse}: does once what a start and a first request do, and what the other verbs do, with a policy, a key
 * and an LLM of its own, so that the JVM can write down which classes that takes.
 */
@Command(
        name = "rehearse",
        description =
                "Starts a gateway of its own on loopback, warms up, asks it, runs the other verbs once and ends. With"
                        + " -XX:ArchiveClassesAtExit=FILE the JVM writes down what it loaded, and with"
                        + " -XX:SharedArchiveFile=FILE it starts the gateway in about half the time. Verbs that read policies"
                        + " take by themselves what --archive has made.",
        mixinStandardHelpOptions = true)
final class RehearseCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--archive",
            description = "write llm-gateway.jsa beside the jar, or with JDK 25 and later llm-gateway.aot, instead of"
                    + " an older one")
    private boolean archive;

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            converter = TokenCommand.TimeConverter.class,
            defaultValue = "1s",
            description = "how long at most to warm up; with an AOT cache, which keeps what the JVM learned about"
                    + " methods, longer is better; default ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Duration warmUp;

    @Override
    public Integer call() throws IOException {
        if (archive) {
            spec.commandLine().getOut().println("wrote " + ClassArchive.write());
            return 0;
        }
        NativeCryptography.install();
        Path folder = Files.createTempDirectory("gatepost-rehearsal");
        try {
            said("keys", "--out", folder.toString());
            copy("rehearsal.yaml", folder);
            copy("rehearsal.test.yaml", folder);
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
                    .warmUp(warmUp)
                    .build();
            try (GatewayServer gateway = GatewayServer.start(options)) {
                gateway.overview();
                ask(gateway.url(), null, 401);
                ask(gateway.url(), token.strip(), 200);
            }
            runTheOthers(folder, token.strip());
            return 0;
        } finally {
            delete(folder);
        }
    }

    /** What another verb prints. */
    private static String said(String... arguments) {
        StringWriter out = new StringWriter();
        if (Main.commandLine(arguments).setOut(new PrintWriter(out)).execute(arguments) != 0) {
            throw new CommandException("the rehearsal failed at `" + arguments[0] + "`");
        }
        return out.toString();
    }

    private static void runTheOthers(Path folder, String token) {
        String file = folder.resolve("rehearsal.yaml").toString();
        // It ends at once, but has read its options before.
        run("", "serve", "--file", folder.resolve("missing.yaml").toString());
        run("", "validate", "--file", file);
        run("", "lint", "--file", file);
        run("", "effective", "--file", file);
        run("", "schema");
        run("", "test", "--file", folder.toString());
        for (String credential : List.of("x", token)) {
            run("", "explain", "--file", file, "-H", "Authorization: Bearer " + credential, "/v1/models");
        }
        run("", "diff", "--from", file, "--to", file);
        run(
                "{\"id\":1,\"request\":{\"method\":\"GET\",\"uri\":\"/v1/models\",\"headers\":[]}}\n",
                "decide",
                "--file",
                file,
                "--ndjson");
        run("{\"id\":1,\"expression\":\"a.b == 'c'\",\"context\":{\"a\":{\"b\":\"c\"}}}\n", "eval", "--ndjson");
    }

    /** What a verb finds is nobody's concern here. */
    private static void run(String input, String... arguments) {
        InputStream in = System.in;
        PrintStream out = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
            int exit =
                    Main.commandLine(arguments).setOut(nowhere).setErr(nowhere).execute(arguments);
            if (exit > 1) {
                throw new CommandException("the rehearsal failed at `" + arguments[0] + "`");
            }
        } finally {
            System.setIn(in);
            System.setOut(out);
        }
    }

    private static void copy(String name, Path folder) throws IOException {
        try (InputStream text = RehearseCommand.class.getResourceAsStream(name)) {
            Files.copy(Objects.requireNonNull(text), folder.resolve(name));
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

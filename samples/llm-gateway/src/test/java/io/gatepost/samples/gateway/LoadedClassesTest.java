package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A verb that needs neither policies nor a server is quick, since it loads neither. */
class LoadedClassesTest {
    private static final String[] HEAVY = {
        "dev.cel.", "org.snakeyaml.", "io.undertow.", "org.xnio.", "tools.jackson.databind."
    };

    private static final String[] UNSERVED = {
        "io.gatepost.tools.token.", "io.gatepost.tools.lint.", "io.gatepost.tools.diff.", "io.gatepost.tools.suite.",
        "io.gatepost.routes.manifest.DocumentSchema", "io.gatepost.testkit.", "org.junit.", "org.assertj."
    };

    @TempDir
    private Path folder;

    /** The names of the classes that a command line loads in a JVM of its own. */
    private List<String> loadedBy(String... args) throws Exception {
        Process process = start(args);
        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve("said")))
                .isZero();
        return loaded();
    }

    private Process start(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:file=" + folder.resolve("loaded"),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile())
                .start();
    }

    private List<String> loaded() throws IOException {
        try (Stream<String> lines = Files.lines(folder.resolve("loaded"))) {
            return lines.map(line -> line.replaceFirst("^(\\[[^]]*])+ ", "").split(" ", 2)[0])
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "keys", "token", "serve --help", "validate --help", "health --help"})
    void areThoseThatTheVerbNeeds(String verb) throws Exception {
        Path keys = folder.resolve("keys");
        if (verb.equals("token")) {
            assertThat(Cli.run("keys", "--out", keys.toString()).exit()).isZero();
        }
        List<String> line = new ArrayList<>(List.of(verb.split(" ")));
        switch (verb) {
            case "keys" -> line.addAll(List.of("--out", keys.toString()));
            case "token" ->
                line.addAll(List.of(
                        "--issuer",
                        "i",
                        "--subject",
                        "s",
                        "--key",
                        keys.resolve("private.jwk").toString()));
            default -> {}
        }

        List<String> loaded = loadedBy(line.toArray(String[]::new));

        assertThat(loaded).contains(Main.class.getName());
        assertThat(loaded.stream().filter(name -> Stream.of(HEAVY).anyMatch(name::startsWith)))
                .isEmpty();
    }

    @Test
    void areNoServersToValidate() throws Exception {
        Path policy = Files.writeString(folder.resolve("policy.yaml"), LifeIT.ROUTE);

        assertThat(loadedBy("validate", "--file", policy.toString()))
                .anyMatch(name -> name.startsWith("org.snakeyaml."))
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).contains("undertow") || name.startsWith("org.xnio."));
    }

    /** A server that can sign tokens, if only for tests, has keys that nobody asked for. */
    @Test
    void areNeitherTestsNorMakersOfTokensToServe() throws Exception {
        Path routes = Files.writeString(folder.resolve("routes.yaml"), LifeIT.ROUTE + """
                ---
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: nobody}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}]
                  traffic:
                    authorization: {policy: {matchExpressions: ['request.method == "NOBODY"']}}
                """);
        Path audit = folder.resolve("audit");
        Process process = start(
                "serve",
                "--file",
                routes.toString(),
                "--port",
                "0",
                "--admin-port",
                "0",
                "--warm-up",
                "1s",
                "--audit-log",
                audit.toString(),
                "--audit-explain");
        try {
            assertThat(HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(ready(process)).build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(403);
        } finally {
            process.destroy();
            process.waitFor();
        }

        assertThat(audit).content().contains("\"explanation\"");
        assertThat(loaded())
                .anyMatch(name -> name.startsWith("dev.cel."))
                .noneMatch(name -> Stream.of(UNSERVED).anyMatch(name::startsWith));
    }

    private URI ready(Process process) throws Exception {
        Pattern line = Pattern.compile("(?m)^ready (\\S+)$");
        for (int i = 0; i < 600 && process.isAlive(); i++) {
            Matcher ready = line.matcher(Files.readString(folder.resolve("said")));
            if (ready.find()) {
                return URI.create(ready.group(1));
            }
            Thread.sleep(100);
        }
        throw new AssertionError("not ready: " + Files.readString(folder.resolve("said")));
    }
}

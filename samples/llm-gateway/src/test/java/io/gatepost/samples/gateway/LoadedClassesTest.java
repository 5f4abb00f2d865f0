package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

    @TempDir
    private Path folder;

    /** The names of the classes that a command line loads in a JVM of its own. */
    private List<String> loadedBy(String... args) throws Exception {
        Path log = folder.resolve("loaded");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:file=" + log,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile())
                .start();
        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve("said")))
                .isZero();
        try (Stream<String> lines = Files.lines(log)) {
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
}

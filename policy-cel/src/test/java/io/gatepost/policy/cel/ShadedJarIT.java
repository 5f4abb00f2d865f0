package io.gatepost.policy.cel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The jar with classifier {@code shaded}: what it holds, and that it runs beside libraries older than cel-java's. */
class ShadedJarIT {
    private static final Path TARGET = Path.of("target");
    /** Where class paths name what the jar holds, this module itself, and what only tests need. */
    private static final List<String> NOT_BESIDE = List.of(
            "policy-cel", "dev/cel", "com/google", "org/antlr", "org/threeten", "org/yaml", "org/junit", "assertj");

    private static Path shaded() throws IOException {
        try (Stream<Path> files = Files.list(TARGET)) {
            return files.filter(file -> file.toString().endsWith("-shaded.jar"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void runsBesideOldLibrariesOnOneClassPath() throws IOException, InterruptedException {
        Stream<String> core = Arrays.stream(
                        System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> NOT_BESIDE.stream().noneMatch(entry.replace('\\', '/')::contains));
        String classPath;
        try (Stream<Path> old = Files.list(TARGET.resolve("old"))) {
            classPath = Stream.of(old, Stream.of(shaded(), TARGET.resolve("test-classes")))
                    .flatMap(paths -> paths)
                    .map(Path::toString)
                    .collect(Collectors.joining(
                            File.pathSeparator,
                            "",
                            core.map(entry -> File.pathSeparator + entry).collect(Collectors.joining())));
        }

        Process application = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath,
                        BesideOldLibraries.class.getName(),
                        Path.of("..", "docs", "authorization.md").toString())
                .redirectErrorStream(true)
                .start();
        String printed = new String(application.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(printed.lines().filter(line -> !line.startsWith("SLF4J")))
                .containsExactly(
                        "old: a b",
                        "new protobuf: false",
                        "new Guava: false",
                        "another CEL: false",
                        "red: allowed",
                        "blue: RULE_NOT_MATCHED",
                        "examples: all right");
        assertThat(application.waitFor()).isZero();
    }

    @Test
    void bringsNoClassOfAnotherName() throws IOException {
        try (JarFile jar = new JarFile(shaded().toFile())) {
            assertThat(jar.stream().map(ZipEntry::getName).filter(name -> !name.endsWith("/")))
                    .allMatch(name -> name.startsWith("io/gatepost/") || name.startsWith("META-INF/"));
            assertThat(jar.stream().map(ZipEntry::getName).filter(name -> name.startsWith("META-INF/services/")))
                    .isEmpty();
        }
    }

    @Test
    void bringsTheLicensesOfWhatItHolds() throws IOException {
        try (JarFile jar = new JarFile(shaded().toFile())) {
            String licenses = new String(
                    jar.getInputStream(jar.getEntry("META-INF/LICENSES")).readAllBytes(), StandardCharsets.UTF_8);
            assertThat(licenses)
                    .contains("dev.cel:cel", "guava", "protobuf-java", "re2j", "antlr4-runtime", "threeten-extra");
            assertThat(jar.getEntry("META-INF/LICENSE")).isNotNull();
            assertThat(jar.getEntry("META-INF/NOTICE")).isNotNull();
            assertThat(jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name"))
                    .isEqualTo("io.gatepost.policy.cel");
        }
    }
}

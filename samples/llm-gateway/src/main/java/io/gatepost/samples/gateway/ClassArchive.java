package io.gatepost.samples.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The archive of classes beside the jar, from JDK 25 on an AOT cache, with which verbs that read policies take less
 * than half the time. A JVM must be told of it when it starts, so another one does the work. An archive that does not
 * fit, because the jar has moved or changed or the JVM is another, is passed over without a word.
 */
final class ClassArchive {
    /** What takes longer to load than a JVM to start, and ends by itself. */
    private static final Set<String> VERBS =
            Set.of("validate", "lint", "effective", "test", "decide", "explain", "why", "diff", "eval", "schema");

    /** An AOT cache (JEP 483, 514, 515) also keeps how often what was run, so that the compilers need not find out. */
    private static final boolean HAS_CACHE = Runtime.version().feature() >= 25;

    /** A cache is read only with the kind of headers that it was written with. */
    private static final String HEADERS = "-XX:+UseCompactObjectHeaders";

    /** Long enough for the methods of a request to be run some ten thousand times. */
    private static final String PROFILING = "30s";

    private ClassArchive() {}

    /**
     * Runs a command with the archive.
     *
     * @param args the command and its options
     * @return its exit code; null where it is to be run here
     */
    static @Nullable Integer run(String... args) {
        String jar = System.getProperty("java.class.path", "");
        if (args.length == 0 || !VERBS.contains(args[0]) || !jar.endsWith(".jar") || isToldOtherwise(jar, args)) {
            return null;
        }
        try {
            Path real = Path.of(jar).toRealPath();
            Path archive = beside(real);
            return Files.isRegularFile(archive)
                    ? java(
                            real,
                            kept("-XX:AOTCache=", "-XX:SharedArchiveFile=", archive),
                            // A verb ends before the better code of the second compiler pays.
                            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xlog:disable"),
                            List.of(args))
                    : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Whoever gives the JVM options of his own, as for a debugger, means this one. */
    private static boolean isToldOtherwise(String jar, String... args) {
        List<String> plain = new ArrayList<>(List.of("-jar", jar));
        plain.addAll(List.of(args));
        return System.getenv("JAVA_TOOL_OPTIONS") != null
                || System.getenv("JDK_JAVA_OPTIONS") != null
                || !ProcessHandle.current().info().arguments().map(List::of).equals(Optional.of(plain));
    }

    /**
     * Makes the archive anew.
     *
     * @return where it is
     */
    static Path write() {
        String jar = System.getProperty("java.class.path", "");
        try {
            Path real = Path.of(jar).toRealPath();
            Path archive = beside(real);
            List<String> quiet = List.of("-Xlog:disable", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
            List<String> rehearse = List.of("rehearse", "--warm-up", HAS_CACHE ? PROFILING : "1s");
            if (jar.endsWith(".jar")
                    && java(real, kept("-XX:AOTCacheOutput=", "-XX:ArchiveClassesAtExit=", archive), quiet, rehearse)
                            == 0
                    && Files.exists(archive)) {
                return archive;
            }
        } catch (IOException e) {
            // As where it is not run from a jar.
        }
        throw new CommandException("no archive was written: this JVM makes none, or may not write beside the jar");
    }

    private static Path beside(Path jar) {
        String name = jar.getFileName().toString();
        return jar.resolveSibling(name.substring(0, name.length() - ".jar".length()) + (HAS_CACHE ? ".aot" : ".jsa"));
    }

    /** How the JVM is told of what is kept beside the jar. */
    private static List<String> kept(String cache, String archive, Path file) {
        return HAS_CACHE ? List.of(HEADERS, cache + file) : List.of(archive + file);
    }

    private static int java(Path jar, List<String> kept, List<String> options, List<String> args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(kept);
        command.addAll(options);
        command.addAll(List.of("-jar", jar.toString()));
        command.addAll(args);
        Process process = new ProcessBuilder(command).inheritIO().start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }
}

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
 * The archive of classes beside the jar, with which verbs that read policies take less than half the time. A JVM must
 * be told of it when it starts, so another one does the work. An archive that does not fit, because the jar has moved
 * or changed or the JVM is another, is passed over without a word.
 */
final class ClassArchive {
    /** What takes longer to load than a JVM to start, and ends by itself. */
    private static final Set<String> VERBS =
            Set.of("validate", "lint", "effective", "test", "decide", "explain", "why", "diff", "eval", "schema");

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
                            List.of(
                                    "-XX:SharedArchiveFile=" + archive,
                                    // A verb ends before the better code of the second compiler pays.
                                    "-XX:TieredStopAtLevel=1",
                                    "-XX:+UseSerialGC",
                                    "-Xlog:disable"),
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
            List<String> options = List.of(
                    "-XX:ArchiveClassesAtExit=" + archive,
                    "-Xlog:disable",
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
            if (jar.endsWith(".jar") && java(real, options, List.of("rehearse")) == 0 && Files.exists(archive)) {
                return archive;
            }
        } catch (IOException e) {
            // As where it is not run from a jar.
        }
        throw new CommandException("no archive was written: this JVM makes none, or may not write beside the jar");
    }

    private static Path beside(Path jar) {
        String name = jar.getFileName().toString();
        return jar.resolveSibling(name.substring(0, name.length() - ".jar".length()) + ".jsa");
    }

    private static int java(Path jar, List<String> options, List<String> args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
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

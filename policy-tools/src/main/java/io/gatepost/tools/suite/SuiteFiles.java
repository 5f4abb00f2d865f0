package io.gatepost.tools.suite;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds files of tests, and the files of policies that they are about. */
final class SuiteFiles {
    private static final Pattern TESTS = Pattern.compile("([^.].*)\\.test\\.(yaml|yml|json)");
    private static final Pattern POLICIES = Pattern.compile("([^.].*)\\.(yaml|yml|json)");
    private static final List<String> ENDINGS = List.of(".yaml", ".yml", ".json");
    private static final int MAX_FILES = 100;

    private final Findings findings;

    SuiteFiles(Findings findings) {
        this.findings = findings;
    }

    /** The files of tests that a path means: itself, those beside a policy, or those within a folder. */
    List<Path> tests(Path path) {
        if (Files.isDirectory(path)) {
            return inFolder(path);
        }
        if (!Files.exists(path) || TESTS.matcher(name(path)).matches()) {
            return List.of(path);
        }
        Matcher policy = POLICIES.matcher(name(path));
        List<Path> tests = policy.matches() ? existing(path, policy.group(1) + ".test") : List.of();
        if (tests.isEmpty()) {
            String expected = policy.matches() ? policy.group(1) : "NAME";
            findings.error(start(path), "there are no tests beside it; write them in `" + expected + ".test.yaml`");
        }
        return tests;
    }

    private List<Path> inFolder(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> tests = files.filter(file -> TESTS.matcher(name(file)).matches() && Files.isRegularFile(file))
                    .sorted()
                    .toList();
            if (tests.isEmpty()) {
                findings.error(start(folder), "there is no file `*.test.yaml` in this folder");
            }
            return tests;
        } catch (IOException problem) {
            findings.error(start(folder), "the folder can't be read");
            return List.of();
        }
    }

    /** Those that the tests name, else the one of the same name, else all beside the tests. */
    List<Path> policies(Path tests, Fields top) {
        List<Path> named = new ArrayList<>();
        for (String file : top.texts("policies", 1, MAX_FILES, 1_000)) {
            Path path = tests.resolveSibling(file);
            if (Files.isRegularFile(path)) {
                named.add(path);
            } else {
                findings.error(top.origin("policies"), "`" + file + "` does not exist beside this file");
            }
        }
        return top.has("policies") ? named : beside(tests, top);
    }

    private List<Path> beside(Path tests, Fields top) {
        Matcher name = TESTS.matcher(name(tests));
        List<Path> namesake = name.matches() ? existing(tests, name.group(1)) : List.of();
        List<Path> found = namesake.isEmpty() ? allBeside(tests) : namesake;
        if (found.isEmpty()) {
            findings.error(top.origin(), "there is no policy beside this file; name some in `policies`");
        }
        return found;
    }

    private List<Path> allBeside(Path tests) {
        try (Stream<Path> files = Files.list(tests.toAbsolutePath().getParent())) {
            return files.map(file -> tests.resolveSibling(file.getFileName()))
                    .filter(file -> POLICIES.matcher(name(file)).matches()
                            && !TESTS.matcher(name(file)).matches()
                            && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        } catch (IOException problem) {
            return List.of();
        }
    }

    private static List<Path> existing(Path sibling, String name) {
        return ENDINGS.stream()
                .map(ending -> sibling.resolveSibling(name + ending))
                .filter(Files::isRegularFile)
                .toList();
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static Origin start(Path path) {
        return new Origin(path.toString(), 1, 1, "");
    }
}

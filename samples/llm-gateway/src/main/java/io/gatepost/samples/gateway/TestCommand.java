package io.gatepost.samples.gateway;

import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.tools.suite.JunitReport;
import io.gatepost.tools.suite.MutationRun;
import io.gatepost.tools.suite.PolicySuite;
import io.gatepost.tools.suite.TestRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code test}: runs tests of policies. Asks nothing of the network. */
@Command(
        name = "test",
        description = "Runs the tests of policies; exit code 1 where one fails, or the mutation score is too low.",
        mixinStandardHelpOptions = true)
final class TestCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--file",
            required = true,
            arity = "1..*",
            paramLabel = "PATH",
            description = "files *.test.yaml; policies, for the tests beside them; folders, for all tests in them")
    private List<Path> files = List.of();

    @Mixin
    private final EntryOptions entry = new EntryOptions();

    @Option(names = "--coverage", description = "also tells what of the rules no test decided by")
    private boolean coverage;

    @Option(
            names = "--mutate",
            description = "also changes the policies in small ways and tells which changes no test notices")
    private boolean mutate;

    @Option(
            names = "--min-score",
            paramLabel = "PERCENT",
            description = "with --mutate: fails where fewer of the changes are noticed; default ${DEFAULT-VALUE}",
            defaultValue = "0")
    private int minScore;

    @Option(names = "--report", paramLabel = "FILE", description = "writes JUnit's XML for CI there")
    private @Nullable Path report;

    @Option(names = "--watch", description = "runs again whenever a file changes, until it is stopped")
    private boolean watch;

    @Override
    public Integer call() throws InterruptedException {
        return watch ? watch() : run();
    }

    private int run() {
        PrintWriter out = spec.commandLine().getOut();
        TestRun run = TestRun.of(PolicySuite.read(files, entry.entry(), new GatewayFolders()));
        out.println(run);
        if (report != null) {
            write(run, report);
        }
        if (coverage) {
            out.println(run.coverage());
        }
        boolean enough = !mutate || isNoticed(run, out);
        out.flush();
        return run.passed() && enough ? 0 : 1;
    }

    private boolean isNoticed(TestRun run, PrintWriter out) {
        if (!run.passed()) {
            out.println("mutation: not tried, since tests fail as it is");
            return false;
        }
        MutationRun mutation = MutationRun.of(run.suites());
        out.println(mutation);
        boolean enough = mutation.score() >= minScore;
        if (!enough) {
            out.println("mutation score: below " + minScore + " %");
        }
        return enough;
    }

    private static void write(TestRun run, Path report) {
        try (Writer out = Files.newBufferedWriter(report)) {
            JunitReport.write(run, out);
        } catch (IOException | XMLStreamException problem) {
            throw new CommandException("cannot write `" + report + "`");
        }
    }

    private int watch() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        WatchedFiles watched = new WatchedFiles(files);
        while (true) {
            try {
                run();
            } catch (InvalidPolicyException problem) {
                out.println(problem.getMessage());
            }
            out.println("waiting for a change");
            out.flush();
            watched.awaitChange();
        }
    }
}

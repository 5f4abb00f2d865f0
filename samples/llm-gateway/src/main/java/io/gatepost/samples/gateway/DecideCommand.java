package io.gatepost.samples.gateway;

import io.gatepost.policy.cel.LinearRegex;
import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.Environment;
import io.gatepost.routes.manifest.Manifests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code decide}: answers requests, a line of JSON each, as the engine would. */
@Command(
        name = "decide",
        description = "Reads requests as lines of JSON and prints a decision for each.",
        mixinStandardHelpOptions = true)
final class DecideCommand implements Callable<Integer> {
    @Option(
            names = "--file",
            arity = "1..*",
            paramLabel = "PATH",
            description = "files or folders of YAML and JSON, for lines without policies of their own")
    private List<Path> files = List.of();

    @Mixin
    private final EntryOptions entry = new EntryOptions();

    @SuppressWarnings("UnusedVariable") // the only form yet, and named so that others can come
    @Option(names = "--ndjson", required = true, description = "lines of JSON in, lines of JSON out")
    private boolean ndjson;

    @Override
    public Integer call() throws IOException {
        try (KeySources keys = KeySources.create();
                Decisions decisions = new Decisions(policies(), keys, entry.unlimited())) {
            Ndjson.answerEach(decisions::answer);
        }
        return 0;
    }

    private List<TrafficPolicy> policies() {
        return Manifests.read(files, Severity.ERROR, Environment.ofProcess(Set.of()), LinearRegex::of)
                .orInvalid()
                .policies();
    }
}

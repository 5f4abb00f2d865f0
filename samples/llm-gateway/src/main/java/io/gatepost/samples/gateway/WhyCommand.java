package io.gatepost.samples.gateway;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.cel.LinearRegex;
import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.routes.RoutedPolicies;
import io.gatepost.routes.manifest.Environment;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.samples.gateway.server.ManifestRouting;
import io.gatepost.tools.explain.Explained;
import io.gatepost.tools.explain.Explainer;
import io.gatepost.tools.explain.Receipt;
import io.gatepost.tools.explain.Simulation;
import io.gatepost.tools.replay.RecordedRequest;
import io.gatepost.tools.suite.AskedRequest;
import io.gatepost.tools.suite.UnreadableRequestException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** {@code why}: explains a decision of the past from the audit log, by the id that the client was told. */
@Command(
        name = "why",
        description = "Explains what the audit log holds of a request, by its x-request-id. Exit code 1 where there is"
                + " no such record.",
        mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class WhyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "the x-request-id of the response")
    private String id;

    @Option(
            names = "--audit",
            required = true,
            arity = "1..*",
            paramLabel = "FILE",
            description = "audit logs, rotated ones too")
    private List<Path> files;

    @Option(
            names = "--file",
            arity = "1..*",
            paramLabel = "PATH",
            description = "the policies by which it was decided: looks for what would have allowed the request, where"
                    + " what is recorded of it is decided by them as the whole was")
    private @Nullable List<Path> policies;

    @Mixin
    private final EntryOptions entry = new EntryOptions();

    @Mixin
    private final ResolveOption resolve = new ResolveOption();

    @Mixin
    private final TextOrJson format = new TextOrJson();

    @Override
    public Integer call() throws IOException {
        List<JsonNode> found = new ArrayList<>();
        for (Path file : files) {
            try (Stream<String> lines = Files.lines(file)) {
                lines.filter(line -> line.contains(id)).forEach(line -> addIfMeant(line, found));
            } catch (IOException e) {
                throw new CommandException("the audit log `" + file + "` can't be read");
            }
        }
        if (found.isEmpty()) {
            throw new CommandException("no record of request `" + id + "`: name the log of its time by --audit; a"
                    + " request that no policy judged has none");
        }
        PrintWriter out = spec.commandLine().getOut();
        for (JsonNode record : found) {
            Explained again = policies == null ? null : again(record, policies);
            out.print(format.isJson() ? Receipt.json(record, again) + "\n" : Receipt.text(record, again));
        }
        out.flush();
        return 0;
    }

    /** As of its time; null where the record holds too little, or can't be read. */
    private @Nullable Explained again(JsonNode record, List<Path> files) {
        Manifests manifests = Manifests.read(files, Severity.ERROR, Environment.ofProcess(Set.of()), LinearRegex::of)
                .orInvalid();
        ManifestRouting routed = new ManifestRouting(new RoutedPolicies(manifests));
        Function<PolicyRequest, @Nullable RoutePolicies> policiesOf =
                any -> routed.routed().of(any).policies();
        try (KeySources keys = resolve.keys(manifests)) {
            Clock then = Clock.fixed(Instant.parse(record.path("time").asString("")), ZoneOffset.UTC);
            RecordedRequest request = RecordedRequest.of(1, record);
            try (Simulation simulation = new Simulation(policiesOf, keys, then)) {
                if (!RecordedRequests.isDecidable(request, routed, simulation, entry.entry())) {
                    return null;
                }
            }
            VerifiedToken token = request.asked().token();
            return new Explainer(keys, then)
                    .explain(policiesOf, request.request(entry.entry(), routed), token == null ? null : token.claims());
        } catch (UnreadableRequestException | DateTimeParseException e) {
            return null;
        }
    }

    /** A line that was cut short is none. */
    private void addIfMeant(String line, List<JsonNode> found) {
        try {
            JsonNode record = AskedRequest.JSON.readTree(line);
            if (record.path("request_id").asString("").equals(id)) {
                found.add(record);
            }
        } catch (JacksonException damaged) {
            // Its id can't be told.
        }
    }
}

package io.gatepost.samples.gateway;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.cel.LinearRegex;
import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.routes.manifest.Environment;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.samples.gateway.server.RoutedPolicies;
import io.gatepost.tools.diff.Asked;
import io.gatepost.tools.diff.PolicyDiff;
import io.gatepost.tools.diff.PolicyDiff.Side;
import io.gatepost.tools.lint.RuleSecrets;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code diff}: tells what a change of policies changes, in what they say and in what they decide. */
@Command(
        name = "diff",
        description =
                "Compares policies, and tells which requests only one of them allows: recorded ones, else made up on"
                        + " both sides of all that they compare with. Exit code 0: nothing changes; 3: the policies differ, no"
                        + " request flips; 4: requests flip.",
        mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class DiffCommand implements Callable<Integer> {
    private static final int DIFFERENT = 3;
    private static final int FLIPPED = 4;

    @Spec
    private CommandSpec spec;

    @Option(names = "--from", required = true, arity = "1..*", paramLabel = "PATH", description = "what there was")
    private List<Path> from;

    @Option(names = "--to", required = true, arity = "1..*", paramLabel = "PATH", description = "what there is to be")
    private List<Path> to;

    @Option(
            names = "--replay",
            paramLabel = "FILE",
            description = "requests to ask both about: an audit log, a HAR file, or lines as `decide` reads them")
    private @Nullable Path replay;

    @Mixin
    private final EntryOptions entry = new EntryOptions();

    @Mixin
    private final ResolveOption resolve = new ResolveOption();

    @Mixin
    private final TextOrJson format = new TextOrJson();

    @Override
    public Integer call() throws IOException {
        Manifests before = read(from);
        Manifests after = read(to);
        try (KeySources oldKeys = keys(before);
                KeySources newKeys = keys(after)) {
            PolicyDiff diff = compare(before, oldKeys, after, newKeys);
            PrintWriter out = spec.commandLine().getOut();
            String told = format.isJson() ? diff.json() + "\n" : diff.text();
            out.print(hidden(after, hidden(before, told)));
            out.flush();
            return !diff.flips().isEmpty() ? FLIPPED : diff.differences().isEmpty() ? 0 : DIFFERENT;
        }
    }

    private static String hidden(Manifests manifests, String text) {
        return RuleSecrets.of(manifests.policies()).hide(text);
    }

    private static Manifests read(List<Path> paths) {
        return Manifests.read(paths, Severity.ERROR, Environment.ofProcess(Set.of()), LinearRegex::of)
                .orInvalid();
    }

    private KeySources keys(Manifests manifests) {
        return resolve.keys(manifests);
    }

    private PolicyDiff compare(Manifests before, KeySources oldKeys, Manifests after, KeySources newKeys)
            throws IOException {
        RoutedPolicies old = new RoutedPolicies(before);
        RoutedPolicies next = new RoutedPolicies(after);
        Side one = side(before, old, oldKeys);
        Side other = side(after, next, newKeys);
        Clock clock = Clock.systemUTC();
        if (replay == null) {
            List<PolicyRequest> samples = Stream.concat(old.samples().stream(), next.samples().stream())
                    .toList();
            return PolicyDiff.madeUp(one, other, samples, clock);
        }
        RecordedRequests recorded = RecordedRequests.read(replay, old, oldKeys, entry.entry());
        List<Asked> requests = recorded.requests();
        return PolicyDiff.of(one, other, requests, recorded.undecidable(), clock);
    }

    private static Side side(Manifests manifests, RoutedPolicies routed, KeySources keys) {
        return new Side(
                manifests.policies(),
                documents(manifests),
                request -> {
                    RoutedPolicies.Routed at = routed.of(request);
                    boolean taken = at.route() != null || manifests.gateways().isEmpty();
                    return taken ? at.guard() : null;
                },
                request -> {
                    RoutedPolicies.Routed at = routed.of(request);
                    return at.route() == null ? at.place() : at.route();
                },
                keys);
    }

    /** What says who gets where, beside policies. */
    private static Map<String, Record> documents(Manifests manifests) {
        Map<String, Record> documents = new LinkedHashMap<>();
        manifests.gateways().forEach(one -> documents.put("Gateway " + one.name(), one));
        manifests.routes().forEach(one -> documents.put("HTTPRoute " + one.name(), one));
        manifests.backends().forEach(one -> documents.put("AgentgatewayBackend " + one.name(), one));
        manifests.backendTls().forEach(one -> documents.put("backend.tls of " + one.name(), one));
        manifests.services().forEach(one -> documents.put("Service " + one.name(), one));
        manifests
                .corsPolicies()
                .forEach(one -> documents.put("cors of policy " + one.policy().name(), one.cors()));
        return documents;
    }
}

package io.gatepost.samples.gateway;

import io.gatepost.policy.keys.KeySources;
import io.gatepost.routes.RoutedPolicies;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.samples.gateway.server.ManifestRouting;
import io.gatepost.tools.explain.Explainer;
import io.gatepost.tools.lint.RuleSecrets;
import io.gatepost.tools.suite.AskedRequest;
import io.gatepost.tools.suite.ExplainedRequest;
import io.gatepost.tools.suite.KeptEngines;
import io.gatepost.tools.suite.UnroutedRequestException;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code explain}: tells how one request is decided on, and what would have to differ for it to be allowed. */
@Command(
        name = "explain",
        description = "Explains the decision on one request, from the effective policy to the parts of expressions, and"
                + " says what would allow it. Exit code 0 for allowed and denied alike.",
        mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class ExplainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final ManifestOptions manifests = new ManifestOptions();

    @Mixin
    private final RequestOptions request = new RequestOptions();

    @Mixin
    private final ResolveOption resolve = new ResolveOption();

    @Mixin
    private final EntryOptions entry = new EntryOptions();

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "decide as if it were then, RFC 3339 such as 2026-11-25T08:00:00Z: tokens and"
                    + " request.startTime; default now")
    private @Nullable String at;

    @Option(
            names = "--route",
            paramLabel = "NAME",
            description = "the route that is meant, where the request names no host and could be one to several")
    private @Nullable String route;

    @Mixin
    private final TextOrJson format = new TextOrJson();

    @Override
    public Integer call() throws IOException {
        Manifests read = manifests.read().orInvalid();
        AskedRequest asked = request.read();
        Instant instant = at == null ? asked.at() : instant(at);
        try (KeySources keys = resolve.keys(read);
                KeptEngines engines = new KeptEngines(keys)) {
            ExplainedRequest.Tools tools = new ExplainedRequest.Tools(
                    entry.entry(),
                    new ManifestRouting(new RoutedPolicies(read)),
                    new Explainer(keys, clock(instant)),
                    engines);
            print(
                    ExplainedRequest.of(instant == null ? asked : asked.at(instant), route, tools),
                    RuleSecrets.of(read.policies()));
        } catch (UnroutedRequestException e) {
            throw new CommandException(String.valueOf(e.getMessage()));
        }
        return 0;
    }

    private static Clock clock(@Nullable Instant instant) {
        return instant == null ? Clock.systemUTC() : Clock.fixed(instant, ZoneOffset.UTC);
    }

    private Instant instant(String text) {
        Instant instant = AskedRequest.instant(text);
        if (instant == null) {
            throw new ParameterException(spec.commandLine(), "--at: " + AskedRequest.NO_INSTANT);
        }
        return instant;
    }

    private void print(ExplainedRequest explained, RuleSecrets secrets) {
        PrintWriter out = spec.commandLine().getOut();
        if (format.isJson()) {
            out.println(secrets.hide(explained.json()));
        } else {
            out.print(secrets.hide(explained.text()));
        }
        out.flush();
    }
}

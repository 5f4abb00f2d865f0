package io.gatepost.samples.gateway;

import io.gatepost.policy.KeySources;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.samples.gateway.manifest.Manifests;
import io.gatepost.samples.gateway.server.RoutedPolicies;
import io.gatepost.testkit.explain.Explained;
import io.gatepost.testkit.explain.Explainer;
import io.gatepost.testkit.suite.AskedRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Map;
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

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "decide as if it were then, RFC 3339 such as 2026-11-25T08:00:00Z; default now")
    private @Nullable String at;

    @Mixin
    private final TextOrJson format = new TextOrJson();

    @Override
    public Integer call() throws IOException {
        Manifests read = manifests.read().orInvalid();
        AskedRequest asked = request.read();
        RoutedPolicies policies = new RoutedPolicies(read);
        try (KeySources keys = resolve.keys(read)) {
            PolicyRequest built = asked.build(true);
            Explained explained =
                    new Explainer(keys, clock()).explain(one -> policies.of(one).guard(), built, claims(asked.token()));
            print(explained, policies.of(built).place());
        } catch (IllegalArgumentException | RejectedBodyException e) {
            throw new CommandException("refused before any policy is asked: " + e.getMessage());
        }
        return 0;
    }

    private static @Nullable Map<String, @Nullable Object> claims(@Nullable VerifiedToken given) {
        return given == null ? null : given.claims();
    }

    private Clock clock() {
        try {
            return at == null ? Clock.systemUTC() : Clock.fixed(Instant.parse(at), ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            throw new ParameterException(
                    spec.commandLine(), "--at: expected a time such as 2026-11-25T08:00:00Z (RFC 3339)");
        }
    }

    private void print(Explained explained, String place) {
        PrintWriter out = spec.commandLine().getOut();
        if (format.isJson()) {
            out.println(explained.json(place));
        } else {
            out.print(explained.text(place));
        }
        out.flush();
    }
}

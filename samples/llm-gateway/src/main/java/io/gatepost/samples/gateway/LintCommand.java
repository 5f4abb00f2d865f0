package io.gatepost.samples.gateway;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.routes.manifest.Cors;
import io.gatepost.routes.manifest.CorsPolicy;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.routes.manifest.Tls;
import io.gatepost.samples.gateway.server.RoutedPolicies;
import io.gatepost.tools.lint.Finding;
import io.gatepost.tools.lint.Level;
import io.gatepost.tools.lint.Lint;
import io.gatepost.tools.lint.LintRule;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lint}: looks for what is probably a mistake in policies that load. Asks nothing of the network. */
@Command(
        name = "lint",
        description = "Prints what is probably a mistake in policies that load, each with its cure.",
        mixinStandardHelpOptions = true)
final class LintCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final ManifestOptions options = new ManifestOptions();

    @Mixin
    private final FormatOption format = new FormatOption();

    @Option(
            names = "--fail-on",
            paramLabel = "error|warning|info|never",
            defaultValue = "warning",
            description = "the least grave finding for which the exit code is 1; default ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private FailOn failOn;

    private enum FailOn {
        error,
        warning,
        info,
        never;

        boolean includes(Finding finding) {
            return this != never && finding.level().isAtLeast(Level.valueOf(name().toUpperCase(Locale.ROOT)));
        }
    }

    @Override
    public Integer call() throws IOException {
        List<Finding> findings = findings(options.read());
        PrintWriter out = spec.commandLine().getOut();
        out.print(format.write(findings));
        out.flush();
        return findings.stream().anyMatch(failOn::includes) ? 1 : 0;
    }

    private static List<Finding> findings(Manifests manifests) throws IOException {
        Lint lint = new Lint(Clock.systemUTC()).policies(manifests.policies(), new RoutedPolicies(manifests).guards());
        lint.add(errors(manifests));
        lint.add(manifests.danglingReferences().stream()
                .map(told -> new Finding(LintRule.DANGLING_REFERENCE, told.origin(), told.message()))
                .toList());
        lint.add(Stream.concat(
                        manifests.backends().stream().map(backend -> backend.tls()),
                        manifests.backendTls().stream().map(policy -> policy.tls()))
                .filter(tls -> tls != null && tls.insecureSkipVerify() != null)
                .map(LintCommand::unverified)
                .toList());
        lint.add(manifests.corsPolicies().stream()
                .map(CorsPolicy::cors)
                .filter(Cors::lendsCredentialsToAnybody)
                .map(LintCommand::lent)
                .toList());
        return lint.findings(texts(manifests));
    }

    /** What does not load is not looked at, and so must not seem clean. */
    private static List<Finding> errors(Manifests manifests) {
        List<Diagnostic> told = new ArrayList<>(manifests.diagnostics());
        manifests.policies().forEach(policy -> told.addAll(PolicyCheck.check(policy)));
        manifests.rejectedPolicies().forEach(policy -> told.addAll(PolicyCheck.check(policy)));
        return told.stream().filter(Diagnostic::isError).map(Finding::of).toList();
    }

    private static Finding unverified(Tls tls) {
        return new Finding(
                LintRule.INSECURE_SKIP_VERIFY,
                tls.origin(),
                "`insecureSkipVerify`: whoever stands in between can pass for the backend");
    }

    private static Finding lent(Cors cors) {
        return new Finding(
                LintRule.ANY_ORIGIN_WITH_CREDENTIALS,
                cors.origin(),
                "`allowCredentials` with `*`: anybody's page may call with a visitor's cookies and read the answer");
    }

    private static Map<String, String> texts(Manifests manifests) throws IOException {
        Map<String, String> texts = new HashMap<>();
        for (Manifests.ReadDocument document : manifests.documents()) {
            Origin origin = document.origin();
            if (!texts.containsKey(origin.source())) {
                texts.put(origin.source(), Files.readString(Path.of(origin.source())));
            }
        }
        return texts;
    }
}

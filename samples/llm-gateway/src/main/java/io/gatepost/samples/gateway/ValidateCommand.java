package io.gatepost.samples.gateway;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.samples.gateway.server.ProxyHeaders;
import io.gatepost.tools.lint.Finding;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code validate}: says everything that is wrong or doubtful in manifests. Asks nothing of the network. */
@Command(
        name = "validate",
        description =
                "Prints what is wrong or doubtful in manifests, one line each; exit code 1 where one is an error.",
        mixinStandardHelpOptions = true)
final class ValidateCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final ManifestOptions options = new ManifestOptions();

    @Option(
            names = "--trusted-proxies",
            paramLabel = "NETWORK",
            split = ",",
            description = "as of `serve`: whose X-Forwarded-* headers are believed; default nobody's")
    private List<String> trustedProxies = List.of();

    @Mixin
    private final FormatOption format = new FormatOption();

    @Override
    public Integer call() {
        Manifests manifests = options.read();
        List<Diagnostic> found = new ArrayList<>(manifests.diagnostics());
        found.addAll(manifests.danglingReferences());
        manifests.policies().forEach(policy -> found.addAll(PolicyCheck.check(policy)));
        manifests.rejectedPolicies().forEach(policy -> found.addAll(PolicyCheck.check(policy)));
        found.addAll(ProxyHeaders.unbelieved(manifests.policies(), proxies()));
        found.sort(Findings.BY_POSITION);
        PrintWriter out = spec.commandLine().getOut();
        if (format.isText()) {
            found.forEach(out::println);
        } else {
            out.print(format.write(found.stream().map(Finding::of).toList()));
        }
        out.flush();
        return found.stream().anyMatch(Diagnostic::isError) ? 1 : 0;
    }

    private TrustedProxies proxies() {
        try {
            return TrustedProxies.of(trustedProxies);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--trusted-proxies: " + e.getMessage());
        }
    }
}

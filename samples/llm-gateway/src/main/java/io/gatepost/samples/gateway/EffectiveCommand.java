package io.gatepost.samples.gateway;

import io.gatepost.policy.EffectivePolicy;
import io.gatepost.routes.manifest.Manifests;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code effective}: tells what guards each route, and where that is written. Asks nothing of the network. */
@Command(
        name = "effective",
        description = "Prints the effective policy of each route, each line with the place where it is written.",
        mixinStandardHelpOptions = true)
final class EffectiveCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final ManifestOptions options = new ManifestOptions();

    @Override
    public Integer call() {
        Manifests manifests = options.read().orInvalid();
        PrintWriter out = spec.commandLine().getOut();
        manifests.guarded(manifests.policies()).forEach(guarded -> print(guarded.place(), guarded.policy(), out));
        out.flush();
        return 0;
    }

    private static void print(String what, EffectivePolicy policy, PrintWriter out) {
        out.println(what);
        if (policy.policies().isEmpty()) {
            out.println("  no policy applies");
        } else {
            policy.toString().lines().forEach(line -> out.println("  " + line));
        }
    }
}

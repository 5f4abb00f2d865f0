package io.gatepost.samples.gateway;

import io.gatepost.policy.model.Diagnostic.Severity;
import io.gatepost.samples.gateway.manifest.Manifests;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Which manifests a command reads, and how strictly. */
final class ManifestOptions {
    @Option(
            names = "--file",
            required = true,
            arity = "1..*",
            paramLabel = "PATH",
            description = "files or folders of YAML and JSON")
    private List<Path> files = List.of();

    @Option(
            names = "--unsupported",
            paramLabel = "error|warn",
            defaultValue = "error",
            description = "what a field is that is known but not enforced; default ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Unsupported unsupported;

    private enum Unsupported {
        error,
        warn
    }

    List<Path> files() {
        return files;
    }

    boolean warnUnsupported() {
        return unsupported == Unsupported.warn;
    }

    Manifests read() {
        return Manifests.read(files, warnUnsupported() ? Severity.WARNING : Severity.ERROR, System::getenv);
    }
}

package io.gatepost.routes;

import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.expression.PatternCompiler;
import io.gatepost.routes.manifest.Environment;
import io.gatepost.routes.manifest.Manifests;
import java.nio.file.Path;
import java.util.List;

/**
 * Where manifests come from, such as files or a cluster. Whoever serves them reads all again when something has
 * changed. Implementations are thread-safe.
 */
@FunctionalInterface
public interface ManifestSource {
    /**
     * Reads all that there is now. An object is known by its kind, namespace and name; it has a place only where it
     * stands in a file. Throws nothing for what an object holds: what can't be used is left out and told.
     *
     * @return the manifests, with what they say wrongly or doubtfully
     */
    Manifests read();

    /**
     * The manifests of files.
     *
     * @param paths files, and folders whose {@code .yaml}, {@code .yml} and {@code .json} files are read
     * @param unsupported how grave a field is that agentgateway knows and Gatepost does not enforce
     * @param environment gives the value of {@code ${VAR}} in a Secret's {@code stringData}
     * @param patterns compiles the regular expressions of routes
     * @return a source that reads the files anew each time
     */
    static ManifestSource ofFiles(
            List<Path> paths, Severity unsupported, Environment environment, PatternCompiler patterns) {
        List<Path> copied = List.copyOf(paths);
        return () -> Manifests.read(copied, unsupported, environment, patterns);
    }
}

package io.gatepost.samples.gateway;

import io.gatepost.policy.cel.LinearRegex;
import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.RoutedPolicies;
import io.gatepost.routes.manifest.Environment;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.samples.gateway.server.ManifestRouting;
import io.gatepost.tools.suite.RoutedFolder;
import io.gatepost.tools.suite.Routing;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The routes of folders, read as {@code serve} reads them; null for a folder without a gateway. Not thread-safe. */
final class GatewayFolders implements Function<Path, @Nullable RoutedFolder> {
    private final Map<Path, Manifests> read = new HashMap<>();

    @Override
    public @Nullable RoutedFolder apply(Path folder) {
        Manifests manifests = read.computeIfAbsent(
                folder,
                path -> Manifests.read(
                        List.of(path), Severity.ERROR, Environment.ofProcess(Set.of()), LinearRegex::of));
        return manifests.gateways().isEmpty() ? null : new Folder(manifests.orInvalid());
    }

    private record Folder(Manifests manifests) implements RoutedFolder {
        @Override
        public List<TrafficPolicy> policies() {
            return manifests.policies();
        }

        @Override
        public Routing routing(List<TrafficPolicy> policies) {
            return new ManifestRouting(new RoutedPolicies(manifests, policies));
        }
    }
}

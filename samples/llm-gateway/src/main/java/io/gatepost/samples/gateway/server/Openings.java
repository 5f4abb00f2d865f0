package io.gatepost.samples.gateway.server;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.PolicyReader.RejectedPolicy;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.HttpRoute.ParentRef;
import io.gatepost.routes.manifest.Manifests;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What speaks against changed files beyond what they say themselves: what guards a route can't vanish by accident. What
 * was guarded becomes open only where nothing about the files is in doubt.
 */
final class Openings {
    /** How many openings an error tells of: every doubt is an error of its own. */
    private static final int TOLD = 5;

    private final Configuration before;
    private final Manifests manifests;
    private final Exposure exposure;
    private final List<Opening> opened;
    private final List<Diagnostic> refused = new ArrayList<>();

    private Openings(Configuration before, Manifests manifests, Exposure exposure) {
        this.before = before;
        this.manifests = manifests;
        this.exposure = exposure;
        opened = Opening.between(before.exposure(), exposure);
    }

    /**
     * Why changed files can't be taken.
     *
     * @param before what is served
     * @param found all that there is to say about the changed files by themselves
     * @return errors; none where they can be taken
     */
    static List<Diagnostic> refused(
            Configuration before, Manifests manifests, Exposure exposure, List<Diagnostic> found) {
        Openings openings = new Openings(before, manifests, exposure);
        openings.emptied();
        openings.doubtful(found);
        return List.copyOf(openings.refused);
    }

    private void emptied() {
        Set<String> sources = before.manifests().documents().stream()
                .map(document -> document.origin().source())
                .collect(Collectors.toSet());
        Set<Path> folders = new HashSet<>();
        sources.forEach(source -> folders.add(Path.of(source).toAbsolutePath().getParent()));
        for (Diagnostic doubt : manifests.doubts()) {
            String source = doubt.origin().source();
            if (sources.contains(source) || folders.contains(Path.of(source).toAbsolutePath())) {
                refused.add(Diagnostic.error(
                        doubt.origin(),
                        "there were documents here before, and now there are none: put them back, or delete the file"));
            }
        }
    }

    private void doubtful(List<Diagnostic> found) {
        Set<ObjectName> idle = exposure.idleSince(before.exposure());
        boolean renamed = exposure.hasNewOpenRulesSince(before.exposure());
        Set<Origin> idlePolicies = origins(idle);
        Set<Origin> meant = origins(null);
        meant.addAll(guardedRoutes());
        for (Diagnostic dangling : manifests.danglingReferences()) {
            Set<Origin> counting = !opened.isEmpty() ? meant : renamed ? idlePolicies : Set.of();
            if (counting.contains(dangling.origin())) {
                refuse(dangling);
            }
        }
        if (!opened.isEmpty()) {
            manifests.doubts().forEach(this::refuse);
            manifests.notEnforced().forEach(this::refuse);
            // What is invalid may be closed by itself, but opens nothing.
            found.stream().filter(Diagnostic::isError).forEach(this::refuse);
        }
    }

    /** Where policies of these names, or all, are written. */
    private Set<Origin> origins(@Nullable Set<ObjectName> names) {
        return Stream.concat(
                        manifests.policies().stream()
                                .filter(policy -> names == null || names.contains(policy.name()))
                                .map(TrafficPolicy::origin),
                        manifests.rejectedPolicies().stream()
                                .filter(policy -> names == null || names.contains(policy.name()))
                                .map(RejectedPolicy::origin))
                .collect(Collectors.toSet());
    }

    /** Where the routes that were guarded are written, and what they attach to. */
    private Set<Origin> guardedRoutes() {
        Set<ObjectName> guarded = before.exposure().guardedRoutes();
        return manifests.routes().stream()
                .filter(route -> guarded.contains(route.name()))
                .flatMap(route -> Stream.concat(
                        Stream.of(route.origin()), route.parentRefs().stream().map(ParentRef::origin)))
                .collect(Collectors.toSet());
    }

    private void refuse(Diagnostic doubt) {
        String routes = opened.isEmpty()
                ? "a route would be open that this policy guarded under another name"
                : opened.stream().limit(TOLD).map(Opening::refused).collect(Collectors.joining("; "))
                        + (opened.size() > TOLD ? "; and " + (opened.size() - TOLD) + " more" : "")
                        + ": correct this, or where that is meant, take away what refers to it";
        refused.add(Diagnostic.error(doubt.origin(), doubt.message() + "; " + routes));
    }
}

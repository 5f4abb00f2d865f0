package io.gatepost.routes;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.routes.manifest.HttpRoute;
import io.gatepost.routes.manifest.Manifests;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which rules of routes are open to everyone, and which policies guard the others. Immutable. */
public final class Exposure {
    private static final Exposed NO_LISTENER = new Exposed(null, null, Set.of());

    private final Map<String, Exposed> rules = new LinkedHashMap<>();
    private final List<Router.Entry<Exposed>> matches = new ArrayList<>();
    private final Router<Exposed> router;

    /**
     * A route's rule on a listener, or what takes a request that no route takes.
     *
     * @param route the route; null for what no route takes
     * @param origin where the route is written; null where there is none
     * @param guards the policies that guard it, by their names; empty where it is open
     */
    record Exposed(@Nullable ObjectName route, @Nullable Origin origin, Set<ObjectName> guards) {
        boolean isOpen() {
            return guards.isEmpty();
        }
    }

    /**
     * Looks at every route.
     *
     * @param manifests the gateways and the routes
     * @param policies what guards them
     */
    public Exposure(Manifests manifests, PolicyTable policies) {
        Map<Set<ObjectName>, Set<ObjectName>> shared = new HashMap<>();
        router = new RouteTable(manifests, policies)
                .router(
                        place -> exposed(place, shared.computeIfAbsent(guards(place, policies), guards -> guards)),
                        NO_LISTENER,
                        NO_LISTENER,
                        matches::add);
    }

    private static Set<ObjectName> guards(Place place, PolicyTable policies) {
        Set<ObjectName> guards = byName();
        guards.addAll(policies.guarding(place.policies()));
        return Collections.unmodifiableSet(guards);
    }

    private Exposed exposed(Place place, Set<ObjectName> guards) {
        if (place.attachment() == null) {
            return new Exposed(null, null, guards);
        }
        HttpRoute route = place.attachment().route();
        Exposed rule = new Exposed(route.name(), route.origin(), guards);
        rules.put(place.text(), rule);
        return rule;
    }

    /** What takes a request. */
    Exposed taking(PolicyRequest request) {
        return router.of(request);
    }

    /** The matches of guarded rules. */
    List<Router.Entry<Exposed>> guardedMatches() {
        return matches.stream().filter(entry -> !entry.target().isOpen()).toList();
    }

    /** The matches of open rules. */
    List<Router.Entry<Exposed>> openMatches() {
        return matches.stream().filter(entry -> entry.target().isOpen()).toList();
    }

    /** The routes of which some rule is guarded. */
    Set<ObjectName> guardedRoutes() {
        return rules.values().stream()
                .filter(rule -> !rule.isOpen())
                .flatMap(rule -> Stream.ofNullable(rule.route()))
                .collect(Collectors.toSet());
    }

    private static Set<ObjectName> byName() {
        return new TreeSet<>(Comparator.comparing(ObjectName::toString));
    }

    /**
     * The routes of which some rule is open.
     *
     * @return each with where it is written, in the order of the manifests
     */
    public Map<ObjectName, Origin> open() {
        Map<ObjectName, Origin> open = new LinkedHashMap<>();
        rules.values().forEach(rule -> {
            if (rule.isOpen() && rule.route() != null && rule.origin() != null) {
                open.putIfAbsent(rule.route(), rule.origin());
            }
        });
        return open;
    }

    /**
     * That routes are open, where none may be.
     *
     * @return an error for each
     */
    public List<Diagnostic> unguarded() {
        return open().entrySet().stream()
                .map(route -> Diagnostic.error(
                        route.getValue(),
                        "no policy guards this route, as `--require-policy` demands: add one that targets it, or"
                                + " correct the targets of the one that should"))
                .toList();
    }

    /** The routes of which some rule is open and was guarded, by the policies that guarded it. */
    Map<ObjectName, Set<ObjectName>> openedSince(Exposure before) {
        Map<ObjectName, Set<ObjectName>> opened = new LinkedHashMap<>();
        rules.forEach((place, rule) -> {
            Exposed old = before.rules.get(place);
            if (rule.isOpen() && rule.route() != null && old != null && !old.isOpen()) {
                opened.computeIfAbsent(rule.route(), route -> byName()).addAll(old.guards());
            }
        });
        return opened;
    }

    /** Whether some rule is open that was not there. */
    boolean hasNewOpenRulesSince(Exposure before) {
        return rules.entrySet().stream()
                .anyMatch(rule -> rule.getValue().isOpen() && !before.rules.containsKey(rule.getKey()));
    }

    /** The policies that guarded something and guard nothing any more. */
    Set<ObjectName> idleSince(Exposure before) {
        Set<ObjectName> idle = byName();
        idle.addAll(before.guarding());
        idle.removeAll(guarding());
        return idle;
    }

    private Set<ObjectName> guarding() {
        return rules.values().stream().flatMap(rule -> rule.guards().stream()).collect(Collectors.toSet());
    }
}

package io.gatepost.samples.gateway.server;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.routes.manifest.Attachment;
import io.gatepost.routes.manifest.Gateway;
import io.gatepost.routes.manifest.Gateway.Listener;
import io.gatepost.routes.manifest.Manifests;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which rules of routes are open to everyone, and which policies guard the others. Immutable. */
final class Exposure {
    private static final Set<ObjectName> NOBODY = Set.of();

    private final Map<String, Rule> rules = new LinkedHashMap<>();
    private final List<Router.Entry> matches = new ArrayList<>();
    private final Router router = new Router(new Rule(null, null, NOBODY), new Rule(null, null, NOBODY));

    /**
     * A route's rule on a listener, or what takes a request that no route takes.
     *
     * @param route the route; null for what no route takes
     * @param origin where the route is written; null where there is none
     * @param guards the policies that guard it; empty where it is open
     */
    record Rule(@Nullable ObjectName route, @Nullable Origin origin, Set<ObjectName> guards) implements HttpHandler {
        boolean isOpen() {
            return guards.isEmpty();
        }

        @Override
        public void handleRequest(HttpServerExchange exchange) {
            throw new IllegalStateException("answers no requests");
        }
    }

    Exposure(Manifests manifests, Guards guards) {
        for (Gateway gateway : manifests.gateways()) {
            for (Listener listener : gateway.listeners()) {
                add(manifests, gateway, listener, guards);
            }
        }
    }

    private void add(Manifests manifests, Gateway gateway, Listener listener, Guards guards) {
        Set<ObjectName> before = byName();
        before.addAll(guards.guarding(Attachment.preRouting(gateway, listener, guards.inForce())));
        List<Router.Entry> entries = new ArrayList<>();
        for (Attachment at : manifests.attachments(gateway, listener)) {
            Set<ObjectName> all = byName();
            all.addAll(before);
            all.addAll(guards.guarding(at.postRouting(guards.inForce())));
            Rule rule = new Rule(at.route().name(), at.route().origin(), all);
            rules.put(at.place() + ", on " + gateway.name() + ", listener " + listener.name(), rule);
            entries.addAll(RouteTable.entries(at, rule));
        }
        matches.addAll(entries);
        router.add(listener.hostname(), entries, new Rule(null, null, before));
    }

    /** What takes a request. */
    Rule taking(PolicyRequest request) {
        return (Rule) router.handlerOf(request);
    }

    /** The matches of guarded rules. */
    List<Router.Entry> guardedMatches() {
        return matches.stream()
                .filter(entry -> !((Rule) entry.handler()).isOpen())
                .toList();
    }

    /** The matches of open rules. */
    List<Router.Entry> openMatches() {
        return matches.stream()
                .filter(entry -> ((Rule) entry.handler()).isOpen())
                .toList();
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

    /** The routes of which some rule is open, each with where it is written. */
    Map<ObjectName, Origin> open() {
        Map<ObjectName, Origin> open = new LinkedHashMap<>();
        rules.values().forEach(rule -> {
            if (rule.isOpen() && rule.route() != null && rule.origin() != null) {
                open.putIfAbsent(rule.route(), rule.origin());
            }
        });
        return open;
    }

    /** That routes are open, where none may be. */
    List<Diagnostic> unguarded() {
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
            Rule old = before.rules.get(place);
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
        return rules.values().stream()
                .flatMap(rule -> rule.isOpen() ? NOBODY.stream() : rule.guards().stream())
                .collect(Collectors.toSet());
    }
}

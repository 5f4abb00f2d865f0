package io.gatepost.samples.gateway.server;

import io.gatepost.policy.model.Diagnostic;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Origin;
import io.gatepost.samples.gateway.manifest.Attachment;
import io.gatepost.samples.gateway.manifest.Gateway;
import io.gatepost.samples.gateway.manifest.Gateway.Listener;
import io.gatepost.samples.gateway.manifest.Manifests;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Which rules of routes are open to everyone, and which policies guard the others. Immutable. */
final class Exposure {
    private static final Set<ObjectName> NOBODY = Set.of();

    private final Map<String, Rule> rules = new LinkedHashMap<>();

    /** A route's rule on a listener; {@code guards} are empty where it is open. */
    private record Rule(ObjectName route, Origin origin, Set<ObjectName> guards) {
        boolean isOpen() {
            return guards.isEmpty();
        }
    }

    Exposure(Manifests manifests, Guards guards) {
        for (Gateway gateway : manifests.gateways()) {
            for (Listener listener : gateway.listeners()) {
                Set<ObjectName> before = guards.guarding(Attachment.preRouting(gateway, listener, guards.inForce()));
                for (Attachment at : manifests.attachments(gateway, listener)) {
                    Set<ObjectName> all = byName();
                    all.addAll(before);
                    all.addAll(guards.guarding(at.postRouting(guards.inForce())));
                    rules.put(
                            at.place() + ", on " + gateway.name() + ", listener " + listener.name(),
                            new Rule(at.route().name(), at.route().origin(), all));
                }
            }
        }
    }

    private static Set<ObjectName> byName() {
        return new TreeSet<>(Comparator.comparing(ObjectName::toString));
    }

    /** The routes of which some rule is open, each with where it is written. */
    Map<ObjectName, Origin> open() {
        Map<ObjectName, Origin> open = new LinkedHashMap<>();
        rules.values().stream().filter(Rule::isOpen).forEach(rule -> open.putIfAbsent(rule.route(), rule.origin()));
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
            if (rule.isOpen() && old != null && !old.isOpen()) {
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

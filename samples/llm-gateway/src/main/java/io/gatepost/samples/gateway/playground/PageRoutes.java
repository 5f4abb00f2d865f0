package io.gatepost.samples.gateway.playground;

import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.PolicyTarget;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.samples.gateway.server.RoutedPolicies;
import io.gatepost.tools.explain.Guard;
import io.gatepost.tools.suite.Routing;
import io.gatepost.tools.suite.UnroutedRequestException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which of the page's policies guard a request: by its gateways and routes, else by their targets. Never guesses. */
final class PageRoutes {
    private static final String ADD = "add the Gateway and the HTTPRoutes to the page";

    private final List<TrafficPolicy> policies;
    private final @Nullable RoutedPolicies routed;

    /** @param policies what counts in place of the policies of the manifests */
    PageRoutes(Manifests manifests, List<TrafficPolicy> policies) {
        this.policies = policies;
        routed = manifests.gateways().isEmpty() ? null : new RoutedPolicies(manifests, policies);
    }

    /** What guards each place. */
    List<Guard> guards() {
        return routed == null ? byTargets().stream().map(Guard::of).toList() : routed.guards();
    }

    /** Policies of the same targets are for the same requests. */
    private Collection<List<TrafficPolicy>> byTargets() {
        return policies.stream()
                .collect(Collectors.groupingBy(
                        policy -> Map.entry(policy.targetRefs(), policy.targetSelectors()),
                        LinkedHashMap::new,
                        Collectors.toList()))
                .values();
    }

    /** The route that the request must come to. */
    @Nullable
    String named(@Nullable String route) {
        return routed == null ? null : route;
    }

    /** @param route the route that is meant; null for whichever takes the request */
    Routing routing(@Nullable String route) throws UnroutedRequestException {
        if (routed != null) {
            return routed;
        }
        if (route != null) {
            return Routing.everything("HTTPRoute " + route + ", which is not in the page", guardOf(route));
        }
        if (byTargets().size() > 1) {
            throw new UnroutedRequestException(
                    "the policies have different targets, and so are for different requests: name a route, or " + ADD);
        }
        return Routing.everything("all policies apply", Guard.of(policies));
    }

    private Guard guardOf(String route) throws UnroutedRequestException {
        PolicyTarget target = target(route);
        if (policies.stream().anyMatch(policy -> !isForRoutesAlone(policy))) {
            throw new UnroutedRequestException(
                    "a policy is not for HTTPRoutes by name, and may guard `" + route + "` or not: " + ADD);
        }
        if (policies.stream().noneMatch(target::isTargetOf)) {
            throw new UnroutedRequestException(
                    "no policy is for HTTPRoute `" + route + "`: correct the name, or " + ADD);
        }
        return new Guard(
                EffectivePolicy.of(List.of(target), Phase.PRE_ROUTING, policies),
                EffectivePolicy.of(List.of(target), Phase.POST_ROUTING, policies));
    }

    private static PolicyTarget target(String route) throws UnroutedRequestException {
        try {
            return PolicyTarget.parse("HTTPRoute/" + route);
        } catch (IllegalArgumentException e) {
            throw new UnroutedRequestException("route: expected a name such as `chat` or `team-a/chat`");
        }
    }

    private static boolean isForRoutesAlone(TrafficPolicy policy) {
        return policy.targetSelectors().isEmpty()
                && policy.targetRefs().stream()
                        .allMatch(ref -> ref.kind().equals("HTTPRoute") && ref.sectionName() == null);
    }
}

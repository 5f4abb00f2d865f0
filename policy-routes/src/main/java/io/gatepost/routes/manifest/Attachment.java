package io.gatepost.routes.manifest;

import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.PolicyTarget;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.Gateway.Listener;
import java.util.ArrayList;
import java.util.List;

/**
 * A rule of a route on a listener that takes the route: where requests go, and what policies can attach to on the way.
 *
 * @param gateway the gateway
 * @param listener its listener
 * @param route the route
 * @param rule the route's rule
 */
public record Attachment(Gateway gateway, Listener listener, HttpRoute route, HttpRoute.Rule rule) {

    /**
     * What guards a listener's requests before a route is chosen.
     *
     * @param gateway a gateway
     * @param listener its listener
     * @param policies all policies
     * @return the effective policy
     */
    public static EffectivePolicy preRouting(Gateway gateway, Listener listener, List<TrafficPolicy> policies) {
        return EffectivePolicy.of(targets(gateway, listener), Phase.PRE_ROUTING, policies);
    }

    /**
     * What guards requests after this rule was chosen.
     *
     * @param policies all policies
     * @return the effective policy
     */
    public EffectivePolicy postRouting(List<TrafficPolicy> policies) {
        return EffectivePolicy.of(targets(), Phase.POST_ROUTING, policies);
    }

    /**
     * Where it is, for people.
     *
     * @return such as {@code HTTPRoute default/chat, rule rules[0]}
     */
    public String place() {
        String name = rule.name() == null ? "rules[" + route.rules().indexOf(rule) + "]" : rule.name();
        return "HTTPRoute " + route.name() + ", rule " + name;
    }

    /**
     * What a request to this rule meets on its way.
     *
     * @return the gateway, its listener, the route and its named rule, least specific first
     */
    public List<PolicyTarget> targets() {
        List<PolicyTarget> targets = new ArrayList<>(targets(gateway, listener));
        PolicyTarget whole = PolicyTarget.of("HTTPRoute", route.name(), route.labels());
        targets.add(whole);
        if (rule.name() != null) {
            targets.add(whole.section(rule.name()));
        }
        return List.copyOf(targets);
    }

    /**
     * What every request to a listener meets on its way.
     *
     * @param gateway a gateway
     * @param listener its listener
     * @return the gateway and the listener
     */
    public static List<PolicyTarget> targets(Gateway gateway, Listener listener) {
        PolicyTarget whole = PolicyTarget.of("Gateway", gateway.name(), gateway.labels());
        return List.of(whole, whole.section(listener.name()));
    }

    static boolean takes(Gateway gateway, Listener listener, HttpRoute route) {
        boolean taken = switch (listener.routesFrom()) {
            case ALL -> true;
            case SAME -> route.name().namespace().equals(gateway.name().namespace());
            case NONE -> false;
        };
        return taken
                && route.parentRefs().stream()
                        .anyMatch(parent -> parent.kind().equals("Gateway")
                                && parent.name().equals(gateway.name())
                                && (parent.sectionName() == null
                                        || parent.sectionName().equals(listener.name()))
                                && (parent.port() == null || parent.port() == listener.port()));
    }
}

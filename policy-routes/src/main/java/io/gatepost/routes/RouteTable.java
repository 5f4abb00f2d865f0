package io.gatepost.routes;

import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.model.Phase;
import io.gatepost.routes.manifest.Gateway;
import io.gatepost.routes.manifest.Gateway.Listener;
import io.gatepost.routes.manifest.HttpRoute;
import io.gatepost.routes.manifest.Manifests;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Turns manifests into a router: gateway by gateway, listener by listener, rule by rule, each with its policies.
 * Immutable.
 */
public final class RouteTable {
    private final Manifests manifests;
    private final PolicyTable policies;
    private final CorsTable cors;

    /**
     * Takes what there is.
     *
     * @param manifests the gateways, the routes and who may call from a browser
     * @param policies what guards each place
     */
    public RouteTable(Manifests manifests, PolicyTable policies) {
        this.manifests = Objects.requireNonNull(manifests, "manifests");
        this.policies = Objects.requireNonNull(policies, "policies");
        cors = new CorsTable(manifests.corsPolicies());
    }

    /**
     * What guards a request that no listener takes.
     *
     * @return what closes it; open but for a policy whose targets nobody knows
     */
    public RoutePolicies ofNoListener() {
        return policies.ofNoListener();
    }

    /**
     * Makes a router.
     *
     * @param <T> what belongs to requests, such as a handler
     * @param targets makes what belongs to a place; called once for each
     * @param noListener what belongs to a request that no listener takes
     * @param tooLong what belongs to a request that is longer than what routes look at
     * @return the router
     */
    public <T> Router<T> router(Function<Place, T> targets, T noListener, T tooLong) {
        return router(targets, noListener, tooLong, entry -> {});
    }

    /** @param each hears of every match, in order */
    <T> Router<T> router(Function<Place, T> targets, T noListener, T tooLong, Consumer<Router.Entry<T>> each) {
        Router<T> router = new Router<>(noListener, tooLong);
        for (Gateway gateway : manifests.gateways()) {
            for (Listener listener : gateway.listeners()) {
                RoutePolicies early = policies.of(gateway, listener);
                List<Router.Entry<T>> entries = new ArrayList<>();
                for (Attachment at : Attachment.of(manifests, gateway, listener)) {
                    entries.addAll(entries(at, targets.apply(place(at, early))));
                }
                entries.forEach(each);
                router.add(listener.hostname(), entries, targets.apply(place(gateway, listener, early)));
            }
        }
        return router;
    }

    private Place place(Gateway gateway, Listener listener, RoutePolicies early) {
        return new Place(
                gateway,
                listener,
                null,
                early,
                cors.of(Attachment.targets(gateway, listener), List.of(Phase.PRE_ROUTING)));
    }

    private Place place(Attachment at, RoutePolicies early) {
        return new Place(
                at.gateway(),
                at.listener(),
                at,
                policies.of(early, at),
                cors.of(at.targets(), List.of(Phase.PRE_ROUTING, Phase.POST_ROUTING)));
    }

    /** Each match of a rule on each of its hosts. */
    private static <T> List<Router.Entry<T>> entries(Attachment at, T target) {
        List<HostPattern> hosts = hosts(at.route(), at.listener());
        return at.rule().matches().stream()
                .map(RouteMatch::of)
                .flatMap(match -> hosts.stream().map(host -> new Router.Entry<>(host, match, target)))
                .toList();
    }

    private static List<HostPattern> hosts(HttpRoute route, Listener listener) {
        HostPattern own = HostPattern.of(listener.hostname());
        if (route.hostnames().isEmpty()) {
            return List.of(own);
        }
        List<HostPattern> hosts = new ArrayList<>();
        for (String hostname : route.hostnames()) {
            HostPattern both = own.and(HostPattern.of(hostname));
            if (both != null) {
                hosts.add(both);
            }
        }
        return hosts;
    }
}

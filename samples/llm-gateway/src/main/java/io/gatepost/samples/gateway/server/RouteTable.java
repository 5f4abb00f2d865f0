package io.gatepost.samples.gateway.server;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.model.Phase;
import io.gatepost.samples.gateway.manifest.Gateway;
import io.gatepost.samples.gateway.manifest.Gateway.Listener;
import io.gatepost.samples.gateway.manifest.HttpRoute;
import io.gatepost.samples.gateway.manifest.Manifests;
import io.undertow.server.HttpHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Turns manifests into a router: gateway by gateway, listener by listener, each route behind its policies. */
final class RouteTable {
    private static final HttpHandler NO_ROUTE = exchange ->
            Responses.send(exchange, ErrorResponse.of(404, "route_not_found", "no route takes this request"));

    private final Manifests manifests;
    private final Guards guards;
    private final Function<HttpRoute.Rule, HttpHandler> upstreams;
    private final CorsTable cors;

    /** @param upstreams what a rule's requests are sent on by, once they are allowed */
    RouteTable(Manifests manifests, Guards guards, Function<HttpRoute.Rule, HttpHandler> upstreams) {
        this.manifests = manifests;
        this.guards = guards;
        this.upstreams = upstreams;
        cors = new CorsTable(manifests.corsPolicies());
    }

    Router router() {
        Router router = new Router(guards.guard("none", Phase.PRE_ROUTING, List.of(), NO_ROUTE));
        for (Gateway gateway : manifests.gateways()) {
            for (Listener listener : gateway.listeners()) {
                List<Target> targets = targets(gateway, listener);
                router.add(
                        listener.hostname(),
                        entries(gateway, listener),
                        cors.around(
                                targets,
                                List.of(Phase.PRE_ROUTING),
                                guards.guard(gateway.name().toString(), Phase.PRE_ROUTING, targets, NO_ROUTE)));
            }
        }
        return router;
    }

    private static List<Target> targets(Gateway gateway, Listener listener) {
        Target whole = new Target("Gateway", gateway.name(), gateway.labels(), null);
        return List.of(whole, whole.section(listener.name()));
    }

    private List<Router.Entry> entries(Gateway gateway, Listener listener) {
        List<Router.Entry> entries = new ArrayList<>();
        for (HttpRoute route : manifests.routes()) {
            if (attaches(route, gateway, listener)) {
                List<HostPattern> hosts = hosts(route, listener);
                for (HttpRoute.Rule rule : route.rules()) {
                    HttpHandler handler = guarded(gateway, listener, route, rule);
                    rule.matches()
                            .forEach(match -> hosts.forEach(
                                    host -> entries.add(new Router.Entry(host, routeMatch(match), handler))));
                }
            }
        }
        return entries;
    }

    private static boolean attaches(HttpRoute route, Gateway gateway, Listener listener) {
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

    /** Before routing and behind it: a gateway's policies first, then more and more specific ones. */
    private HttpHandler guarded(Gateway gateway, Listener listener, HttpRoute route, HttpRoute.Rule rule) {
        List<Target> targets = new ArrayList<>(targets(gateway, listener));
        Target whole = new Target("HTTPRoute", route.name(), route.labels(), null);
        targets.add(whole);
        if (rule.name() != null) {
            targets.add(whole.section(rule.name()));
        }
        String name = route.name().toString();
        HttpHandler routed = guards.guard(name, Phase.POST_ROUTING, targets, upstreams.apply(rule));
        HttpHandler guarded = guards.guard(name, Phase.PRE_ROUTING, targets(gateway, listener), routed);
        return cors.around(
                targets,
                List.of(Phase.PRE_ROUTING, Phase.POST_ROUTING),
                Filters.aroundPolicies(rule.filters(), guarded));
    }

    private static RouteMatch routeMatch(HttpRoute.Match match) {
        RouteMatch.PathType type = switch (match.path().type()) {
            case EXACT -> RouteMatch.PathType.EXACT;
            case PATH_PREFIX -> RouteMatch.PathType.PREFIX;
            case REGULAR_EXPRESSION -> RouteMatch.PathType.PATTERN;
        };
        return new RouteMatch(
                RouteMatch.PathMatch.of(type, match.path().value()),
                match.method(),
                match.headers().stream().map(RouteTable::valueMatch).toList(),
                match.queryParams().stream().map(RouteTable::valueMatch).toList());
    }

    private static RouteMatch.ValueMatch valueMatch(HttpRoute.ValueMatch match) {
        return match.pattern()
                ? new RouteMatch.ValueMatch(match.name(), null, Pattern.compile(match.value()))
                : new RouteMatch.ValueMatch(match.name(), match.value(), null);
    }
}

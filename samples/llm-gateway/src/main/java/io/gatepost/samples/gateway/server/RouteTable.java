package io.gatepost.samples.gateway.server;

import io.gatepost.policy.model.Phase;
import io.gatepost.routes.manifest.Attachment;
import io.gatepost.routes.manifest.Gateway;
import io.gatepost.routes.manifest.Gateway.Listener;
import io.gatepost.routes.manifest.HttpRoute;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.samples.gateway.observe.RequestMeters;
import io.undertow.server.HttpHandler;
import java.util.ArrayList;
import java.util.List;

/** Turns manifests into a router: gateway by gateway, listener by listener, each route behind its policies. */
final class RouteTable {
    private final Manifests manifests;
    private final Guards guards;
    private final CorsTable cors;
    private final Enforcement enforcement;
    private final RequestMeters meters;

    RouteTable(Manifests manifests, Guards guards, CorsTable cors, Enforcement enforcement, RequestMeters meters) {
        this.manifests = manifests;
        this.guards = guards;
        this.cors = cors;
        this.enforcement = enforcement;
        this.meters = meters;
    }

    Router router() {
        Router router = new Router(guards.unrouted(enforcement));
        for (Gateway gateway : manifests.gateways()) {
            for (Listener listener : gateway.listeners()) {
                router.add(
                        listener.hostname(),
                        entries(gateway, listener),
                        cors.around(
                                Attachment.targets(gateway, listener),
                                List.of(Phase.PRE_ROUTING),
                                guards.preRouting(
                                        gateway.name().toString(),
                                        gateway,
                                        listener,
                                        enforcement,
                                        enforcement.noRoute())));
            }
        }
        return router;
    }

    private List<Router.Entry> entries(Gateway gateway, Listener listener) {
        List<Router.Entry> entries = new ArrayList<>();
        for (Attachment at : manifests.attachments(gateway, listener)) {
            entries.addAll(entries(at, guarded(at)));
        }
        return entries;
    }

    /** Each match of a rule on each of its hosts. */
    static List<Router.Entry> entries(Attachment at, HttpHandler handler) {
        List<HostPattern> hosts = hosts(at.route(), at.listener());
        return at.rule().matches().stream()
                .flatMap(match -> hosts.stream().map(host -> new Router.Entry(host, RouteMatch.of(match), handler)))
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

    private HttpHandler guarded(Attachment at) {
        HttpHandler routed = guards.postRouting(at, enforcement);
        HttpHandler guarded =
                guards.preRouting(at.route().name().toString(), at.gateway(), at.listener(), enforcement, routed);
        HttpHandler answering = cors.around(
                at.targets(),
                List.of(Phase.PRE_ROUTING, Phase.POST_ROUTING),
                Filters.aroundPolicies(at.rule().filters(), guarded));
        return meters.routed(at.route().name().toString(), answering);
    }
}

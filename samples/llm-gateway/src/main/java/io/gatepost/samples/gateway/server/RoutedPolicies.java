package io.gatepost.samples.gateway.server;

import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.Attachment;
import io.gatepost.routes.manifest.Gateway;
import io.gatepost.routes.manifest.Gateway.Listener;
import io.gatepost.routes.manifest.HttpRoute;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.tools.explain.Guard;
import io.gatepost.tools.suite.Routing;
import io.gatepost.tools.suite.UnroutedRequestException;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which policies guard which request, by the routes that {@code serve} follows. Thread-safe. */
public final class RoutedPolicies implements Routing {
    private static final EffectivePolicy NONE = EffectivePolicy.of(List.of());
    private static final Guard OPEN = new Guard(NONE, NONE);
    private static final Routed PREFLIGHT =
            new Routed("`cors` answers it, no policy is asked", null, OPEN, null, false);

    private final Router router = new Router(
            new Routed("no listener takes it", null, OPEN, Router.NO_ROUTE, false),
            new Routed("it is longer than what routes look at", null, OPEN, Router.TOO_LONG, false));
    private final CorsTable cors;
    private final RouteNames names = new RouteNames();
    private final @Nullable Routed everything;
    private final List<Guard> guards = new ArrayList<>();
    private final List<PolicyRequest> samples = new ArrayList<>();

    /** @param manifests gateways, routes and policies; without gateways all policies apply to all requests */
    public RoutedPolicies(Manifests manifests) {
        this(manifests, manifests.policies());
    }

    /**
     * @param manifests gateways and routes
     * @param policies the policies that count, in place of those of the manifests
     */
    public RoutedPolicies(Manifests manifests, List<TrafficPolicy> policies) {
        cors = new CorsTable(manifests.corsPolicies());
        everything = manifests.gateways().isEmpty()
                ? new Routed("no gateway in the files: all policies apply", null, Guard.of(policies), null, false)
                : null;
        if (everything != null) {
            samples.add(sample("POST", "llm.example.com", "/v1/chat/completions"));
        }
        for (Gateway gateway : manifests.gateways()) {
            for (Listener listener : gateway.listeners()) {
                add(manifests, gateway, listener, policies);
            }
        }
    }

    /**
     * Where a request comes to.
     *
     * @param place the rule of a route on a listener, for people
     * @param route the route's name as the audit log writes it; null where none takes the request
     * @param guard what guards it there
     * @param unserved what is answered where the guard allows; null where the request goes to an upstream
     * @param cors whether preflights are answered there before any policy is asked
     */
    public record Routed(
            String place,
            @Nullable String route,
            Guard guard,
            @Nullable ErrorResponse unserved,
            boolean cors) implements HttpHandler {
        @Override
        public void handleRequest(HttpServerExchange exchange) {
            throw new IllegalStateException("answers no requests");
        }
    }

    private void add(Manifests manifests, Gateway gateway, Listener listener, List<TrafficPolicy> policies) {
        EffectivePolicy early = Attachment.preRouting(gateway, listener, policies);
        String on = "Gateway " + gateway.name() + ", listener " + listener.name();
        List<Router.Entry> entries = new ArrayList<>();
        for (Attachment at : manifests.attachments(gateway, listener)) {
            Guard guard = new Guard(early, at.postRouting(policies));
            guards.add(guard);
            boolean answersPreflights = cors.covers(at.targets(), List.of(Phase.PRE_ROUTING, Phase.POST_ROUTING));
            Routed routed =
                    new Routed(at.place() + ", on " + on, at.route().name().toString(), guard, null, answersPreflights);
            List<Router.Entry> matches = RouteTable.entries(at, routed);
            entries.addAll(matches);
            names.add(at.route().name(), matches);
            addSamples(at, listener);
        }
        router.add(
                listener.hostname(),
                entries,
                new Routed(
                        on + ": no route takes it, 404 where allowed",
                        null,
                        new Guard(early, NONE),
                        Router.NO_ROUTE,
                        cors.covers(Attachment.targets(gateway, listener), List.of(Phase.PRE_ROUTING))));
    }

    private void addSamples(Attachment at, Listener listener) {
        String name = at.route().hostnames().isEmpty()
                ? Objects.requireNonNullElse(listener.hostname(), "llm.example.com")
                : at.route().hostnames().get(0);
        for (HttpRoute.Match match : at.rule().matches()) {
            String path = match.path().type() == HttpRoute.PathType.REGULAR_EXPRESSION
                    ? "/"
                    : match.path().value();
            String method = match.method() == null ? "POST" : match.method();
            samples.add(sample(method, name.replaceFirst("^\\*", "a"), path));
        }
    }

    private static PolicyRequest sample(String method, String host, String path) {
        return PolicyRequest.builder(method, "http://" + host + path).build();
    }

    /**
     * What guards each rule of each route.
     *
     * @return the guards; none without gateways
     */
    public List<Guard> guards() {
        return List.copyOf(guards);
    }

    /**
     * A request to each match of each route.
     *
     * @return the requests, without a credential
     */
    public List<PolicyRequest> samples() {
        return List.copyOf(samples);
    }

    /**
     * Where a request comes to.
     *
     * @param request the request
     * @return the place and what guards it there
     */
    public Routed of(PolicyRequest request) {
        Routed routed = everything == null ? (Routed) router.handlerOf(request) : everything;
        return routed.cors() && CorsHandler.isPreflight(request) ? PREFLIGHT : routed;
    }

    @Override
    public Routing.Routed route(PolicyRequest request, @Nullable String route) throws UnroutedRequestException {
        Routed routed = of(request);
        if (route != null && !routed.equals(PREFLIGHT)) {
            names.check(route, routed);
        }
        return new Routing.Routed(routed.place(), routed.guard(), routed.unserved());
    }

    @Override
    public String hostOf(PolicyRequest request, @Nullable String route) throws UnroutedRequestException {
        return everything == null ? names.hostOf(request, route, this::of) : "";
    }

    /**
     * What reads keys that are not written in the policies.
     *
     * @param manifests where backends and certificates are
     * @param resolve where to connect instead, by {@code host:port}
     * @param discoveryHosts where discovery may lead beside the issuer's own host; null: to any https host by name
     * @return sources to close at the end
     */
    public static KeySources keys(
            Manifests manifests, Map<String, InetSocketAddress> resolve, @Nullable List<String> discoveryHosts) {
        Backends backends = new Backends(manifests, null);
        KeySources.Builder builder = KeySources.builder()
                .addresses(url -> resolve.get(Forwarders.authority(url)))
                .backends(backends::keys);
        return (discoveryHosts == null ? builder : builder.discoveryHosts(discoveryHosts)).build();
    }
}

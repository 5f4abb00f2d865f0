package io.gatepost.routes;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.HttpRoute;
import io.gatepost.routes.manifest.Manifests;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which policies guard which request, by the routes that a gateway follows: for tools. Thread-safe. */
public final class RoutedPolicies {
    private static final String ANY_HOST = "llm.example.com";
    private static final Routed PREFLIGHT =
            new Routed("`cors` answers it, no policy is asked", null, RoutePolicies.NONE, null);

    private final Router<Target> router;
    private final RouteNames names = new RouteNames();
    private final @Nullable Routed everything;
    private final List<RoutePolicies> places = new ArrayList<>();
    private final List<PolicyRequest> samples = new ArrayList<>();

    /**
     * Takes the policies of the manifests.
     *
     * @param manifests gateways, routes and policies; without gateways all policies apply to all requests
     */
    public RoutedPolicies(Manifests manifests) {
        this(manifests, manifests.policies());
    }

    /**
     * Takes other policies than those of the manifests.
     *
     * @param manifests gateways and routes
     * @param policies the policies that count, in place of those of the manifests
     */
    public RoutedPolicies(Manifests manifests, List<TrafficPolicy> policies) {
        everything = manifests.gateways().isEmpty()
                ? new Routed("no gateway in the files: all policies apply", null, RoutePolicies.of(policies), null)
                : null;
        if (everything != null) {
            samples.add(sample("POST", ANY_HOST, "/v1/chat/completions"));
        }
        router = new RouteTable(manifests, PolicyTable.of(policies))
                .router(
                        this::target,
                        Target.unserved("no listener takes it", Router.NO_ROUTE),
                        Target.unserved("it is longer than what routes look at", Router.TOO_LONG),
                        this::addName);
    }

    /**
     * Where a request comes to.
     *
     * @param place the rule of a route on a listener, for people
     * @param route the route's name as the audit log writes it; null where none takes the request
     * @param policies what guards it there
     * @param unserved what is answered where the policies allow; null where the request goes to an upstream
     */
    public record Routed(
            String place,
            @Nullable String route,
            RoutePolicies policies,
            @Nullable ErrorResponse unserved) {
        public Routed {
            Objects.requireNonNull(place, "place");
            Objects.requireNonNull(policies, "policies");
        }
    }

    /** @param place null where no listener takes the request */
    private record Target(@Nullable Place place, Routed routed) {
        static Target unserved(String text, ErrorResponse answer) {
            return new Target(null, new Routed(text, null, RoutePolicies.NONE, answer));
        }
    }

    private Target target(Place place) {
        Attachment at = place.attachment();
        if (at == null) {
            return new Target(
                    place,
                    new Routed(
                            place.text() + ": no route takes it, 404 where allowed",
                            null,
                            place.policies(),
                            Router.NO_ROUTE));
        }
        places.add(place.policies());
        names.add(at.route().name());
        addSamples(at);
        return new Target(place, new Routed(place.text(), place.name(), place.policies(), null));
    }

    private void addName(Router.Entry<Target> entry) {
        Place place = entry.target().place();
        if (place != null && place.attachment() != null) {
            names.add(place.attachment().route().name(), entry.host());
        }
    }

    private void addSamples(Attachment at) {
        String name = at.route().hostnames().isEmpty()
                ? Objects.requireNonNullElse(at.listener().hostname(), ANY_HOST)
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
     * @return the policies, in the order of the manifests; none without gateways
     */
    public List<RoutePolicies> places() {
        return List.copyOf(places);
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
        if (everything != null) {
            return everything;
        }
        Target target = router.of(request);
        Place place = target.place();
        return place != null && place.answers(request) ? PREFLIGHT : target.routed();
    }

    /**
     * Where a request comes to that is meant for a route.
     *
     * @param request the request
     * @param route the route that is meant, {@code namespace/name} or {@code name}; null for whichever takes it
     * @return as {@link #of}
     * @throws UnclearRouteException where it comes to another route than is meant
     */
    public Routed of(PolicyRequest request, @Nullable String route) throws UnclearRouteException {
        Routed routed = of(request);
        if (route != null && !routed.equals(PREFLIGHT)) {
            names.check(route, routed);
        }
        return routed;
    }

    /**
     * The host of a request that names none.
     *
     * @param request the request as it came
     * @param route the route that is meant; null for whichever takes it
     * @return the host with which its route takes it; empty without gateways
     * @throws UnclearRouteException where several routes would, and none is named
     */
    public String hostOf(PolicyRequest request, @Nullable String route) throws UnclearRouteException {
        return everything == null ? names.hostOf(request, route, this::of) : "";
    }
}

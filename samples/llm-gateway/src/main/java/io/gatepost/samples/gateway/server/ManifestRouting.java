package io.gatepost.samples.gateway.server;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.routes.RoutedPolicies;
import io.gatepost.routes.UnclearRouteException;
import io.gatepost.tools.suite.Routing;
import io.gatepost.tools.suite.UnroutedRequestException;
import org.jspecify.annotations.Nullable;

/**
 * The routes of manifests as tools ask for them. Thread-safe.
 *
 * @param routed the routes
 */
public record ManifestRouting(RoutedPolicies routed) implements Routing {
    @Override
    public String hostOf(PolicyRequest request, @Nullable String route) throws UnroutedRequestException {
        try {
            return routed.hostOf(request, route);
        } catch (UnclearRouteException e) {
            throw new UnroutedRequestException(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Routed route(PolicyRequest request, @Nullable String route) throws UnroutedRequestException {
        try {
            RoutedPolicies.Routed at = routed.of(request, route);
            return new Routed(at.place(), at.policies(), at.unserved());
        } catch (UnclearRouteException e) {
            throw new UnroutedRequestException(String.valueOf(e.getMessage()));
        }
    }
}

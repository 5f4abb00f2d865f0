package io.gatepost.samples.gateway.server;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.request.RequestBuilder;
import io.gatepost.tools.suite.UnroutedRequestException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The routes by their names, with hosts that they take: for requests that name a route, or no host. */
final class RouteNames {
    private static final String ANY = "llm.example.com";

    private final Map<ObjectName, Set<String>> hosts = new LinkedHashMap<>();

    void add(ObjectName route, List<Router.Entry> matches) {
        Set<String> known = hosts.computeIfAbsent(route, name -> new LinkedHashSet<>());
        matches.forEach(match -> known.add(example(match.host())));
    }

    private static String example(HostPattern host) {
        if (host.text().isEmpty()) {
            return ANY;
        }
        return host.isWildcard() ? "a" + host.text().substring(1) : host.text();
    }

    /** The one place's host to which the request would come, whichever of the hosts it named. */
    String hostOf(PolicyRequest request, @Nullable String route, Function<PolicyRequest, RoutedPolicies.Routed> routing)
            throws UnroutedRequestException {
        Set<String> candidates = new LinkedHashSet<>();
        if (route == null) {
            hosts.values().forEach(candidates::addAll);
        } else {
            candidates.addAll(hosts.getOrDefault(named(route), Set.of()));
        }
        Map<RoutedPolicies.Routed, String> found = new LinkedHashMap<>();
        for (String host : candidates) {
            RoutedPolicies.Routed routed = routing.apply(at(host, request));
            boolean meant = route == null ? routed.unserved() == null : isNamed(route, routed);
            if (meant) {
                found.putIfAbsent(routed, host);
            }
        }
        if (found.size() > 1) {
            List<String> places =
                    found.keySet().stream().map(RoutedPolicies.Routed::place).toList();
            throw new UnroutedRequestException("the request names no host, and could be one to "
                    + String.join("; or to ", places) + ": say which by a `route`, or by a URI with a host");
        }
        return found.isEmpty()
                ? candidates.stream().findFirst().orElse(ANY)
                : found.values().iterator().next();
    }

    private static PolicyRequest at(String host, PolicyRequest request) {
        String query = request.query() == null ? "" : "?" + request.query();
        RequestBuilder builder = PolicyRequest.builder(request.method(), "http://" + host + request.path() + query);
        request.headerNames().forEach(name -> request.headers(name).forEach(value -> builder.header(name, value)));
        return builder.build();
    }

    private static boolean isNamed(String route, RoutedPolicies.Routed routed) {
        String name = routed.route();
        return name != null
                && (name.equals(route) || name.substring(name.indexOf('/') + 1).equals(route));
    }

    /** @throws UnroutedRequestException where it came to another route */
    void check(String route, RoutedPolicies.Routed routed) throws UnroutedRequestException {
        named(route);
        if (!isNamed(route, routed)) {
            throw new UnroutedRequestException("the request does not come to `" + route + "`: " + routed.place());
        }
    }

    private ObjectName named(String route) throws UnroutedRequestException {
        List<ObjectName> meant = new ArrayList<>();
        List<String> known = new ArrayList<>();
        for (ObjectName name : hosts.keySet()) {
            known.add(name.name());
            known.add(name.toString());
            if (name.toString().equals(route) || name.name().equals(route)) {
                meant.add(name);
            }
        }
        if (meant.isEmpty()) {
            throw new UnroutedRequestException(
                    "there is no HTTPRoute `" + route + "` on a listener" + Diagnostic.didYouMean(route, known));
        }
        if (meant.size() > 1) {
            throw new UnroutedRequestException(
                    "`" + route + "` may be `" + meant.get(0) + "` or `" + meant.get(1) + "`: name the namespace, too");
        }
        return meant.get(0);
    }
}

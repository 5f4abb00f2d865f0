package io.gatepost.tools.suite;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RoutePolicies;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says which policies guard a request, as a gateway with these routes would. */
public interface Routing {
    /**
     * The host of a request that names none.
     *
     * @param request the request as it came
     * @param route the route that is meant, {@code namespace/name} or {@code name}; null for whichever takes it
     * @return the host with which its route takes it; empty where routes do not look at hosts
     * @throws UnroutedRequestException where several routes would, and none is named
     */
    String hostOf(PolicyRequest request, @Nullable String route) throws UnroutedRequestException;

    /**
     * Where a request comes to.
     *
     * @param request the request behind the entry
     * @param route the route that is meant; null for whichever takes it
     * @return the place, and what guards it there
     * @throws UnroutedRequestException where it comes to another route than is meant
     */
    Routed route(PolicyRequest request, @Nullable String route) throws UnroutedRequestException;

    /**
     * One place for requests.
     *
     * @param place where it is, for people
     * @param policies what guards it
     * @param unserved what a client gets there that the policies allows; null where the request goes to an upstream
     */
    record Routed(
            String place, RoutePolicies policies, @Nullable ErrorResponse unserved) {
        public Routed {
            Objects.requireNonNull(place, "place");
            Objects.requireNonNull(policies, "policies");
        }
    }

    /**
     * All requests come to one place.
     *
     * @param place where that is, for people
     * @param policies what guards it
     * @return the routing
     */
    static Routing everything(String place, RoutePolicies policies) {
        Routed everything = new Routed(place, policies, null);
        return new Routing() {
            @Override
            public String hostOf(PolicyRequest request, @Nullable String route) throws UnroutedRequestException {
                return "";
            }

            @Override
            public Routed route(PolicyRequest request, @Nullable String route) throws UnroutedRequestException {
                if (route != null) {
                    throw new UnroutedRequestException(
                            "there is no gateway with routes in the files, so `" + route + "` can't be asked");
                }
                return everything;
            }
        };
    }
}

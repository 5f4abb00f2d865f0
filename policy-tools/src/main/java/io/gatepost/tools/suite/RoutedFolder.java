package io.gatepost.tools.suite;

import io.gatepost.policy.model.TrafficPolicy;
import java.util.List;

/** A folder with gateways and routes, which tests beside them go by. */
public interface RoutedFolder {
    /**
     * Its policies.
     *
     * @return all of them, in the order in which a gateway reads them
     */
    List<TrafficPolicy> policies();

    /**
     * Its routes.
     *
     * @param policies the policies that count, in place of its own
     * @return what guards each request then
     */
    Routing routing(List<TrafficPolicy> policies);
}

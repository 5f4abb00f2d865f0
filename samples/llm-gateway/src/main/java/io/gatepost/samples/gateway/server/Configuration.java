package io.gatepost.samples.gateway.server;

import io.gatepost.policy.RouteEngines;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.routes.Openings;
import io.gatepost.routes.PolicyTable;
import io.gatepost.routes.Router;
import io.gatepost.routes.status.Overview;
import io.gatepost.routes.status.PolicyReport;
import io.undertow.server.HttpHandler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is swapped when files change.
 *
 * @param served what the files hold, and which routes they leave open
 * @param found all that there was to say about them, policies included
 * @param policies what guards each place
 * @param engines what decides
 * @param router chooses what answers a request
 * @param checks judges what proxies ask about; null where none may
 */
record Configuration(
        Openings.Served served,
        List<Diagnostic> found,
        PolicyTable policies,
        RouteEngines engines,
        Router<HttpHandler> router,
        @Nullable Router<HttpHandler> checks)
        implements AutoCloseable {
    /** What guards each route, for a person. */
    List<String> overview() {
        return Overview.of(served.manifests());
    }

    /** What there is to tell of the policies, as JSON. */
    String report() {
        return PolicyReport.of(served.manifests(), policies, found).json();
    }

    @Override
    public void close() {
        engines.close();
    }
}

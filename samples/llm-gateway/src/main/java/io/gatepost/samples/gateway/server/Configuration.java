package io.gatepost.samples.gateway.server;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.samples.gateway.observe.PolicyReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is swapped when files change.
 *
 * @param manifests what the files hold
 * @param found all that there was to say about them, policies included
 * @param guards the policies in front of every route
 * @param exposure which routes they leave open
 * @param router chooses what answers a request
 * @param checks judges what proxies ask about; null where none may
 */
record Configuration(
        Manifests manifests,
        List<Diagnostic> found,
        Guards guards,
        Exposure exposure,
        Router router,
        @Nullable Router checks)
        implements AutoCloseable {
    /** What guards each route, for a person. */
    List<String> overview() {
        return Overview.of(manifests);
    }

    /** What there is to tell of the policies, as JSON. */
    String report() {
        return PolicyReport.of(manifests, guards.inForce(), guards::closing, found)
                .json();
    }

    @Override
    public void close() {
        guards.close();
    }
}

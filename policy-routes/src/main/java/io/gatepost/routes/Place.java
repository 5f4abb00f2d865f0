package io.gatepost.routes;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.routes.manifest.Cors;
import io.gatepost.routes.manifest.Gateway;
import io.gatepost.routes.manifest.Gateway.Listener;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a request comes to: a rule of a route on a listener, or a listener where no rule takes it. Immutable.
 *
 * @param gateway the gateway
 * @param listener its listener
 * @param attachment the rule; null where none takes the request
 * @param policies what guards the place
 * @param cors which pages of other origins may call; null where no policy says so
 */
public record Place(
        Gateway gateway,
        Listener listener,
        @Nullable Attachment attachment,
        RoutePolicies policies,
        @Nullable Cors cors) {
    public Place {
        Objects.requireNonNull(gateway, "gateway");
        Objects.requireNonNull(listener, "listener");
        Objects.requireNonNull(policies, "policies");
    }

    /**
     * What logs and meters call it.
     *
     * @return the name of the route, or of the gateway where no route takes the request, with the namespace
     */
    public String name() {
        return (attachment == null ? gateway.name() : attachment.route().name()).toString();
    }

    /**
     * Where it is, for people.
     *
     * @return such as {@code HTTPRoute default/chat, rule rules[0], on Gateway default/main, listener http}
     */
    public String text() {
        String on = "Gateway " + gateway.name() + ", listener " + listener.name();
        return attachment == null ? on : attachment.place() + ", on " + on;
    }

    /**
     * Whether the place itself answers a request, before any policy is asked, because it is a preflight.
     *
     * @param request the request
     * @return whether it is a preflight and a policy says which pages may call
     */
    public boolean answers(PolicyRequest request) {
        return cors != null && Cors.isPreflight(request);
    }
}

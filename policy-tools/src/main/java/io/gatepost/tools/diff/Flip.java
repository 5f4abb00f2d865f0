package io.gatepost.tools.diff;

import io.gatepost.policy.Decision;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request that both sets of policies let to a decision, but to another one. Immutable.
 *
 * @param request what was asked, in one line, without a token
 * @param route the route, or where no route takes it
 * @param subject the subject of its token; empty for none
 * @param from what was decided; null where no route took it
 * @param to what is decided; null where no route takes it
 */
public record Flip(
        String request,
        String route,
        String subject,
        @Nullable Decision from,
        @Nullable Decision to) {
    public Flip {
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(route, "route");
        Objects.requireNonNull(subject, "subject");
    }

    /**
     * Whether it may pass now.
     *
     * @return whether it was refused before
     */
    public boolean isAllowedNow() {
        return to instanceof Decision.Allow;
    }

    static String told(@Nullable Decision decision) {
        return decision == null
                ? "no_route"
                : decision instanceof Decision.Deny deny ? deny.reason().name().toLowerCase(Locale.ROOT) : "allowed";
    }

    @Override
    public String toString() {
        return (isAllowedNow() ? "now allowed " : "now denied  ") + request + ": " + told(from) + " -> " + told(to);
    }
}

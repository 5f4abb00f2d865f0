package io.gatepost.tools.diff;

import io.gatepost.policy.Decision;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.forward.Client;
import io.gatepost.tools.explain.Simulation;
import io.gatepost.tools.explain.Variation;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** A request that both sides are asked about. Immutable. */
public final class Asked {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int LENGTH = 300;

    /** Of requests that say nothing of it. */
    private static final String LOOPBACK = "127.0.0.1";

    private final Variation variation;

    private Asked(Variation variation) {
        this.variation = variation;
    }

    /**
     * A recorded request.
     *
     * @param request the request
     * @param token claims that stand in for a verified token, so that the rules only are asked; null where the
     *     request's credential counts
     * @return it
     */
    public static Asked recorded(PolicyRequest request, @Nullable VerifiedToken token) {
        return new Asked(new Variation(request, token == null ? null : token.claims(), null));
    }

    static Asked madeUp(Variation variation) {
        return new Asked(variation);
    }

    PolicyRequest request() {
        return variation.request();
    }

    @Nullable
    Decision decide(Simulation simulation) {
        return simulation.decide(variation);
    }

    /** As its claims say, or else those of the credential that either side verified. */
    String subject(@Nullable Decision one, @Nullable Decision other) {
        Map<String, @Nullable Object> claims = variation.claims();
        VerifiedToken first = one == null ? null : one.token();
        VerifiedToken verified = first != null ? first : other == null ? null : other.token();
        String subject = verified == null ? null : verified.subject();
        return claims != null && claims.get("sub") instanceof String named ? named : subject == null ? "" : subject;
    }

    /** Without credentials; cut where it is long. */
    String told() {
        PolicyRequest request = variation.request();
        StringBuilder text = new StringBuilder(request.method()).append(' ');
        text.append(request.host()).append(request.path());
        text.append(request.query() == null ? "" : "?...");
        request.headerNames().stream()
                .filter(name -> !Explanation.isRedacted("request.headers." + name))
                // The gateway's own words.
                .filter(name -> !name.equalsIgnoreCase("host") && (!Client.isToldBy(name) || Client.needsProxy(name)))
                .forEach(name -> text.append(" -H ").append(name));
        if (!request.sourceAddress().equals(LOOPBACK)) {
            text.append(" from ").append(request.sourceAddress());
        }
        Object time = request.attribute("request.startTime");
        text.append(time == null ? "" : " at " + time);
        byte[] body = request.body();
        if (body != null) {
            text.append(" -d ").append(new String(body, StandardCharsets.UTF_8));
        }
        if (variation.claims() != null) {
            text.append(" claims ").append(JSON.writeValueAsString(variation.claims()));
        }
        return text.length() <= LENGTH ? text.toString() : text.substring(0, LENGTH) + "...";
    }
}

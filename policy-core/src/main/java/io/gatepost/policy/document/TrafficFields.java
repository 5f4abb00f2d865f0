package io.gatepost.policy.document;

import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy.Inheritance;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code traffic}: when a policy applies, who may call, and what callers may do. */
final class TrafficFields {
    static final String[] BEFORE_AND_AFTER_ROUTING = {
        "apiKeyAuthentication", "basicAuthentication", "cors", "extAuth", "extProc", "oidc", "transformation"
    };
    static final String[] AFTER_ROUTING = {
        "buffer",
        "csrf",
        "delay",
        "directResponse",
        "headerModifiers",
        "hostRewrite",
        "rateLimit",
        "requestMirror",
        "requestRedirect",
        "retry",
        "timeouts",
        "urlRewrite"
    };
    private static final Set<String> PRE_ROUTING_KINDS = Set.of("Gateway", "ListenerSet");

    private final String namespace;
    private final Findings findings;
    private final Set<String> enforcedElsewhere;
    private final List<JwksSource.Inline> keySets = new ArrayList<>();
    private final List<MatchExpression> expressions = new ArrayList<>();
    private Phase phase = Phase.POST_ROUTING;
    private boolean authenticates;
    private @Nullable JwtAuthentication jwtAuthentication;
    private @Nullable Authorization authorization;

    TrafficFields(String namespace, Findings findings, Set<String> enforcedElsewhere) {
        this.namespace = namespace;
        this.findings = findings;
        this.enforcedElsewhere = enforcedElsewhere;
    }

    /** @param targetKinds the kinds of the targets, which not every phase has */
    void read(Fields traffic, Inheritance inheritance, Set<String> targetKinds) {
        phase = traffic.choice("phase", Phase.class, Phase.POST_ROUTING);
        Fields jwt = traffic.fields("jwtAuthentication");
        authenticates = traffic.has("jwtAuthentication");
        if (jwt != null) {
            jwtAuthentication = new JwtFields(namespace, findings, keySets).read(jwt);
        }
        authorization = authorization(traffic, jwt);
        unsupported(traffic);
        if (phase == Phase.PRE_ROUTING) {
            checkPreRouting(traffic, inheritance, targetKinds);
        }
        traffic.done();
        if (!authenticates
                && !traffic.has("authorization")
                && traffic.names().stream().allMatch("phase"::equals)) {
            findings.error(traffic.origin(), "this guards nothing; add `jwtAuthentication` or `authorization`");
        }
    }

    Phase phase() {
        return phase;
    }

    /** Whether there is a {@code jwtAuthentication}, usable or not. */
    boolean authenticates() {
        return authenticates;
    }

    @Nullable
    JwtAuthentication jwtAuthentication() {
        return jwtAuthentication;
    }

    @Nullable
    Authorization authorization() {
        return authorization;
    }

    /** The key sets that can be read, whatever else is wrong. */
    List<JwksSource.Inline> keySets() {
        return keySets;
    }

    /** The expressions that can be read, whatever else is wrong. */
    List<MatchExpression> expressions() {
        return expressions;
    }

    /** The rules stand beside the authentication or under it, in either kind of document. */
    private @Nullable Authorization authorization(Fields traffic, @Nullable Fields jwt) {
        boolean under = jwt != null && jwt.has("authorization");
        if (under && traffic.has("authorization")) {
            findings.error(
                    traffic.keyOrigin("authorization"),
                    "`authorization` stands under `jwtAuthentication` too; keep one of them");
        }
        Authorization beside = authorizationIn(traffic);
        Authorization nested = jwt == null ? null : authorizationIn(jwt);
        return nested == null ? beside : nested;
    }

    private @Nullable Authorization authorizationIn(Fields parent) {
        Fields fields = parent.fields("authorization");
        return fields == null ? null : AuthorizationFields.read(fields, findings, expressions);
    }

    private void unsupported(Fields traffic) {
        for (String[] names : List.of(BEFORE_AND_AFTER_ROUTING, AFTER_ROUTING)) {
            for (String name : names) {
                if (!enforcedElsewhere.contains(name)) {
                    traffic.unsupported(name);
                }
            }
        }
        enforcedElsewhere.forEach(traffic::ignore);
    }

    private void checkPreRouting(Fields traffic, Inheritance inheritance, Set<String> targetKinds) {
        for (String name : AFTER_ROUTING) {
            if (traffic.has(name)) {
                findings.error(traffic.keyOrigin(name), "phase PreRouting has no `" + name + "`");
            }
        }
        if (inheritance == Inheritance.OVERRIDE) {
            findings.warning(
                    traffic.origin("phase"), "`Override` has no effect in phase PreRouting: the closer policy counts");
        }
        if (!PRE_ROUTING_KINDS.containsAll(targetKinds)) {
            findings.error(traffic.origin("phase"), "phase PreRouting can target a Gateway or a ListenerSet only");
        }
    }
}

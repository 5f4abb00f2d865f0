package io.gatepost.policy;

import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Inheritance;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What several policies come to for one phase of one route (reference section 2.4): the most specific authentication,
 * and all rules; an Override locks its field against more specific policies.
 */
record EffectivePolicy(
        @Nullable JwtAuthentication jwtAuthentication, Map<TrafficPolicy, Authorization> authorizations) {

    static EffectivePolicy of(List<TrafficPolicy> leastSpecificFirst) {
        JwtAuthentication jwt = null;
        boolean jwtLocked = false;
        boolean rulesLocked = false;
        Map<TrafficPolicy, Authorization> rules = new LinkedHashMap<>();
        for (TrafficPolicy policy : leastSpecificFirst) {
            boolean locks = policy.inheritance() == Inheritance.OVERRIDE;
            if (policy.jwtAuthentication() != null && !jwtLocked) {
                jwt = policy.jwtAuthentication();
                jwtLocked = locks;
            }
            if (policy.authorization() != null && !rulesLocked) {
                rules.put(policy, policy.authorization());
                rulesLocked = locks;
            }
        }
        return new EffectivePolicy(jwt, rules);
    }

    /** Without authentication nothing is demanded, as in Optional mode without a token. */
    JwtMode mode() {
        return jwtAuthentication == null ? JwtMode.OPTIONAL : jwtAuthentication.mode();
    }
}

package io.gatepost.testkit.suite;

import io.gatepost.policy.Decision;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.KeySources;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Engines for sets of policies, kept for a while, since neighbouring requests are mostly judged by the same. All of a
 * set's policies apply, whatever their targets. Not thread-safe.
 */
public final class Engines implements AutoCloseable {
    private static final int KEPT = 64;
    private static final Decision.Allow NOTHING_JUDGED =
            new Decision.Allow(null, List.of(), new Explanation("no policy applies", List.of()));

    private final Function<Set<String>, PolicyEngine.Builder> builders;
    private final Map<Asked, Phases> kept = new LinkedHashMap<>();

    /**
     * Starts without engines.
     *
     * @param keys what reads keys that are not written in a policy; stays the caller's to close
     */
    public Engines(KeySources keys) {
        Map<Set<String>, CelExpressionCompiler> compilers = new HashMap<>();
        builders = variables -> PolicyEngine.builder()
                .allowingEverything()
                .keys(keys)
                .expressions(compilers.computeIfAbsent(variables, names -> new CelExpressionCompiler(names)));
    }

    /** Engines with the standard variables only, as the settings say. */
    Engines(UnaryOperator<PolicyEngine.Builder> settings) {
        builders = variables -> settings.apply(PolicyEngine.builder().allowingEverything());
    }

    private record Asked(List<TrafficPolicy> policies, Set<String> variables) {}

    /**
     * The engines before and after routing.
     *
     * @param preRouting judges first
     * @param postRouting judges what that allowed
     */
    public record Phases(PolicyEngine preRouting, PolicyEngine postRouting) {
        /**
         * Whether one of them looks at the body.
         *
         * @return whether a request needs its body to be judged
         */
        public boolean readsBody() {
            return preRouting.readsBody() || postRouting.readsBody();
        }

        /**
         * Judges a request before and then after routing.
         *
         * @param request the request
         * @param token a verified token that is given from outside; null for what the request itself holds
         * @return the decision of the last phase that judged
         */
        public Decision decide(PolicyRequest request, @Nullable VerifiedToken token) {
            Decision.Allow earlier = token == null
                    ? NOTHING_JUDGED
                    : new Decision.Allow(token, List.of(), new Explanation("the claims were given", List.of()));
            Decision first = preRouting.decide(request, earlier);
            return first instanceof Decision.Allow allowed ? postRouting.decide(request, allowed) : first;
        }

        private void close() {
            preRouting.close();
            postRouting.close();
        }
    }

    /**
     * The engines of these policies.
     *
     * @param policies least specific first
     * @param variables names of further variables of expressions
     * @return the engines, closed with this
     * @throws io.gatepost.policy.model.InvalidPolicyException where they can't be used
     */
    public Phases of(List<TrafficPolicy> policies, Set<String> variables) {
        Asked asked = new Asked(policies, variables);
        Phases known = kept.get(asked);
        if (known != null) {
            return known;
        }
        Phases made = new Phases(
                engine(policies, Phase.PRE_ROUTING, variables), engine(policies, Phase.POST_ROUTING, variables));
        if (kept.size() == KEPT) {
            kept.values().forEach(Phases::close);
            kept.clear();
        }
        kept.put(asked, made);
        return made;
    }

    private PolicyEngine engine(List<TrafficPolicy> policies, Phase phase, Set<String> variables) {
        return builders.apply(variables)
                .policies(policies.stream()
                        .filter(policy -> policy.phase() == phase)
                        .toList())
                .ignoringTargets()
                .build();
    }

    /**
     * The same policies without their authentication, for requests with given claims.
     *
     * @param policies the policies
     * @return their rules
     */
    public static List<TrafficPolicy> withoutAuthentication(List<TrafficPolicy> policies) {
        return policies.stream()
                .map(policy -> policy.withJwtAuthentication(null))
                .toList();
    }

    @Override
    public void close() {
        kept.values().forEach(Phases::close);
    }
}

package io.gatepost.tools.suite;

import io.gatepost.policy.BodySource;
import io.gatepost.policy.Decision;
import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.explain.Guard;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Engines for policies, kept for a while, since neighbouring requests are mostly judged by the same. Not thread-safe.
 */
public final class Engines implements AutoCloseable {
    private static final int KEPT = 64;
    private static final Decision.Allow NOTHING_JUDGED =
            new Decision.Allow(null, List.of(), new Explanation("no policy applies", List.of()));

    private final Function<Set<String>, PolicyEngine.Builder> builders;
    private final Map<Asked, Phases> kept = new LinkedHashMap<>();
    private final SettableClock clock = new SettableClock();

    /**
     * Starts without engines.
     *
     * @param keys what reads keys that are not written in a policy; stays the caller's to close
     */
    public Engines(KeySources keys) {
        Map<Set<String>, CelExpressionCompiler> compilers = new HashMap<>();
        builders = variables -> PolicyEngine.builder()
                .allowingEverything()
                .clock(clock)
                .keys(keys)
                .expressions(compilers.computeIfAbsent(variables, names -> new CelExpressionCompiler(names)));
    }

    /** Engines with the standard variables only, as the settings say. */
    Engines(UnaryOperator<PolicyEngine.Builder> settings) {
        builders = variables ->
                settings.apply(PolicyEngine.builder().allowingEverything().clock(clock));
    }

    /** @param by a list of policies, or a guard */
    private record Asked(Object by, boolean rulesOnly, Set<String> variables) {}

    /**
     * The engines before and after routing.
     *
     * @param preRouting judges first
     * @param postRouting judges what that allowed
     */
    public record Phases(PolicyEngine preRouting, PolicyEngine postRouting) {
        /**
         * Judges a request whose body is read as an adapter reads it: once the credential has passed, and only where a
         * rule looks at it.
         *
         * @param request the request
         * @param token a verified token that is given from outside; null for what the request itself holds
         * @param body where the body comes from
         * @return the decision of the last phase that judged
         * @throws RejectedBodyException where the body was wanted and can't be read
         */
        public Decision decide(PolicyRequest request, @Nullable VerifiedToken token, BodySource body)
                throws RejectedBodyException {
            Decision first = decide(preRouting, request, earlier(token), body);
            return first instanceof Decision.Allow allowed ? decide(postRouting, request, allowed, body) : first;
        }

        private static Decision decide(
                PolicyEngine engine, PolicyRequest request, Decision.Allow earlier, BodySource body)
                throws RejectedBodyException {
            try {
                return engine.decideAsync(request, earlier, body)
                        .toCompletableFuture()
                        .join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof RejectedBodyException rejected) {
                    throw rejected;
                }
                throw e;
            }
        }

        private static Decision.Allow earlier(@Nullable VerifiedToken token) {
            return token == null
                    ? NOTHING_JUDGED
                    : new Decision.Allow(token, List.of(), new Explanation("the claims were given", List.of()));
        }

        private void close() {
            preRouting.close();
            postRouting.close();
        }
    }

    /**
     * Sets when what is asked from now on is decided.
     *
     * @param instant as of then; null: now
     */
    public void at(@Nullable Instant instant) {
        clock.set(instant);
    }

    /**
     * The engines of policies that all apply, whatever their targets.
     *
     * @param policies least specific first
     * @param variables names of further variables of expressions
     * @return the engines, closed with this
     * @throws io.gatepost.policy.diagnostic.InvalidPolicyException where they can't be used
     */
    public Phases of(List<TrafficPolicy> policies, Set<String> variables) {
        return kept(new Asked(policies, false, variables), () -> Guard.of(policies));
    }

    /**
     * The engines of what guards a place.
     *
     * @param guard the guard
     * @param rulesOnly whether authentication is done
     * @param variables names of further variables of expressions
     * @return the engines, closed with this
     * @throws io.gatepost.policy.diagnostic.InvalidPolicyException where the policies can't be used
     */
    public Phases of(Guard guard, boolean rulesOnly, Set<String> variables) {
        return kept(new Asked(guard, rulesOnly, variables), () -> rulesOnly ? guard.withoutAuthentication() : guard);
    }

    private Phases kept(Asked asked, Supplier<Guard> guard) {
        Phases known = kept.get(asked);
        if (known != null) {
            return known;
        }
        Guard made = guard.get();
        Phases phases =
                new Phases(engine(made.preRouting(), asked.variables()), engine(made.postRouting(), asked.variables()));
        if (kept.size() == KEPT) {
            kept.values().forEach(Phases::close);
            kept.clear();
        }
        kept.put(asked, phases);
        return phases;
    }

    private PolicyEngine engine(EffectivePolicy policy, Set<String> variables) {
        return builders.apply(variables).policy(policy).build();
    }

    @Override
    public void close() {
        kept.values().forEach(Phases::close);
    }
}

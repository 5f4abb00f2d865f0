package io.gatepost.tools.explain;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwtProvider;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Decides on requests by the policies of their routes, engines kept. Not thread-safe. */
public final class Simulation implements AutoCloseable {
    static final CelExpressionCompiler EXPRESSIONS = new CelExpressionCompiler();

    private final Function<PolicyRequest, @Nullable RoutePolicies> policiesOf;
    private final ScenarioEngines engines;

    /**
     * @param policiesOf what guards a request; null for one that no route takes
     * @param keys what reads keys that are not written in policies; null where all are
     * @param clock what times of tokens are compared with
     */
    public Simulation(
            Function<PolicyRequest, @Nullable RoutePolicies> policiesOf, @Nullable KeySources keys, Clock clock) {
        this(policiesOf, keys, clock, any -> Set.of(Signer.BOTH));
    }

    /**
     * @param policiesOf as above
     * @param keys as above
     * @param clock as above
     * @param signers whose made-up tokens each provider's keys verify
     */
    public Simulation(
            Function<PolicyRequest, @Nullable RoutePolicies> policiesOf,
            @Nullable KeySources keys,
            Clock clock,
            Function<JwtProvider, Set<Signer>> signers) {
        this.policiesOf = policiesOf;
        engines = new ScenarioEngines(policiesOf, EXPRESSIONS, keys, clock, false, SearchLimit.unbounded(), signers);
    }

    /**
     * Decides on a request as it is.
     *
     * @param request the request with its credential, if any
     * @return the decision; null where no route takes it
     */
    public @Nullable Decision decide(PolicyRequest request) {
        RoutePolicies policies = policiesOf.apply(request);
        return policies == null ? null : engines.real(policies).decide(request);
    }

    /**
     * Decides as if these claims were verified: the rules only.
     *
     * @param request the request
     * @param claims the claims
     * @return the decision; null where no route takes it
     */
    public @Nullable Decision decideVerified(PolicyRequest request, Map<String, @Nullable Object> claims) {
        RoutePolicies policies = policiesOf.apply(request);
        return policies == null
                ? null
                : engines.rules(Scenario.of(request, claims), policies).decision();
    }

    /**
     * Decides as if the issuer had signed a token with these claims: with every check but that of the issuer's own
     * keys.
     *
     * @param variation the request with the claims of its token
     * @return the decision; null where no route takes it
     */
    public @Nullable Decision decide(Variation variation) {
        PolicyRequest bearing = variation.bearing();
        if (bearing == null) {
            return variation.claims() == null
                    ? decide(variation.request())
                    : decideVerified(variation.request(), variation.claims());
        }
        RoutePolicies policies = policiesOf.apply(variation.request());
        return policies == null ? null : engines.standIn(policies).decide(bearing);
    }

    @Override
    public void close() {
        engines.close();
    }
}

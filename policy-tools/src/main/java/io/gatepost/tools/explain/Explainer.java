package io.gatepost.tools.explain;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RouteEngine;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.token.TokenExamination;
import io.gatepost.tools.explain.TokenCures.Start;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides on a request and explains it: what is in force and where that is written, every check of the token, every
 * expression with its parts, and the smallest changes with which it would be allowed, each found by deciding again.
 * Thread-safe. Takes as long as some thousand decisions; it is for tools, not for serving.
 */
public final class Explainer {
    private static final int CURES = 3;

    private final CelExpressionCompiler expressions;
    private final @Nullable KeySources keys;
    private final Clock clock;
    private final @Nullable Duration longest;

    /**
     * An explainer with the standard variables.
     *
     * @param keys what reads keys that are not written in policies; null where all are
     * @param clock what times of tokens are compared with
     */
    public Explainer(@Nullable KeySources keys, Clock clock) {
        this(new CelExpressionCompiler(), keys, clock);
    }

    /**
     * An explainer for expressions with variables of their own.
     *
     * @param expressions what compiles expressions
     * @param keys what reads keys that are not written in policies; null where all are
     * @param clock what times of tokens are compared with
     */
    public Explainer(CelExpressionCompiler expressions, @Nullable KeySources keys, Clock clock) {
        this(expressions, keys, clock, null);
    }

    private Explainer(
            CelExpressionCompiler expressions, @Nullable KeySources keys, Clock clock, @Nullable Duration longest) {
        this.expressions = expressions;
        this.keys = keys;
        this.clock = clock;
        this.longest = longest;
    }

    /**
     * The same explainer, which looks for cures no longer than this. The decision and its tree are always told; of the
     * cures those that were found until then are, and {@link Explained#cut} says that there may be more. One try more
     * may be under way at the end; it takes about as long as the decision itself.
     *
     * @param longest how long
     * @return an explainer
     */
    public Explainer searchingFor(Duration longest) {
        return new Explainer(expressions, keys, clock, longest);
    }

    /**
     * Explains a decision by one route's policies.
     *
     * @param policies what guards the route
     * @param request the request
     * @param claims claims that stand in for a verified token; null where the request's credential counts
     * @return the decision, explained
     * @throws InvalidPolicyException where the policies can't be used
     */
    public Explained explain(
            RoutePolicies policies, PolicyRequest request, @Nullable Map<String, @Nullable Object> claims) {
        return explain(any -> policies, request, claims);
    }

    /**
     * Explains a decision where a change of the request may make it another route's.
     *
     * @param policiesOf what guards a request; null for one that no route takes
     * @param request a request that some route takes
     * @param claims claims that stand in for a verified token; null where the request's credential counts
     * @return the decision, explained
     * @throws InvalidPolicyException where the policies can't be used
     * @throws IllegalArgumentException where no route takes the request
     */
    public Explained explain(
            Function<PolicyRequest, @Nullable RoutePolicies> policiesOf,
            PolicyRequest request,
            @Nullable Map<String, @Nullable Object> claims) {
        RoutePolicies policies = policiesOf.apply(request);
        if (policies == null) {
            throw new IllegalArgumentException("no route takes the request");
        }
        SearchLimit search = SearchLimit.within(longest);
        try (ScenarioEngines engines =
                new ScenarioEngines(policiesOf, expressions, keys, clock, claims != null, search)) {
            return explain(engines, policies, request, claims);
        }
    }

    private Explained explain(
            ScenarioEngines engines,
            RoutePolicies policies,
            PolicyRequest request,
            @Nullable Map<String, @Nullable Object> claims) {
        RouteEngine engine = engines.real(policies);
        RouteEngine.Phases phases = engine.decideByPhase(request, ScenarioEngines.given(claims));
        TokenExamination early = engine.examine(request, Phase.PRE_ROUTING);
        TokenExamination late = engine.examine(behind(phases.preRouting(), request), Phase.POST_ROUTING);
        List<ExplanationNode> tree = new Tree(claims != null, Discretion.NONE).of(policies, phases, early, late);
        List<Cure> cures = List.of();
        if (phases.decision() instanceof Decision.Deny deny) {
            boolean before = phases.preRouting() instanceof Decision.Deny;
            JwtAuthentication refusing =
                    policies.in(before ? Phase.PRE_ROUTING : Phase.POST_ROUTING).jwtAuthentication();
            cures = cures(engines, policies, Scenario.of(request, claims), deny, refusing, before ? early : late);
        }
        return new Explained(phases.decision(), tree, cures, engines.search().isCut());
    }

    /** The request as the phase after routing sees it. */
    private static PolicyRequest behind(@Nullable Decision early, PolicyRequest request) {
        return early instanceof Decision.Allow allow ? allow.toForward(request) : request;
    }

    private List<Cure> cures(
            ScenarioEngines engines,
            RoutePolicies policies,
            Scenario scenario,
            Decision.Deny deny,
            @Nullable JwtAuthentication refusing,
            TokenExamination examination) {
        List<Cure> ofRequest = new ArrayList<>();
        List<Cure> ofPolicy = new ArrayList<>();
        try {
            for (Start start : starts(deny, scenario, refusing, examination)) {
                addCures(engines, policies, start, deny, ofRequest);
            }
            ofPolicy.addAll(PolicyCures.of(
                    engines,
                    policies,
                    judged(deny, scenario),
                    deny.explanation().decisive()));
        } catch (SearchLimit.Cut cut) {
            // What was found until then is told.
        }
        ofRequest.sort(Comparator.comparing(cure -> cure.changes().size()));
        return Stream.concat(withoutLarger(ofRequest).stream(), ofPolicy.stream())
                .limit(CURES)
                .toList();
    }

    /** Two ways to look may find the same, and one of them more than it takes. */
    private static List<Cure> withoutLarger(List<Cure> smallestFirst) {
        List<Cure> kept = new ArrayList<>();
        for (Cure cure : smallestFirst) {
            if (kept.stream().noneMatch(smaller -> cure.changes().containsAll(smaller.changes()))) {
                kept.add(cure);
            }
        }
        return kept;
    }

    private void addCures(
            ScenarioEngines engines, RoutePolicies policies, Start start, Decision.Deny deny, List<Cure> found) {
        if (!start.changes().isEmpty() && engines.allows(start.scenario())) {
            found.add(new Cure(start.changes()));
            return;
        }
        List<MatchExpression> decisive = deny.explanation().decisive().stream()
                .map(RuleOutcome::expression)
                .toList();
        new RuleCures(engines, policies, start.scenario(), decisive, expressions)
                .find()
                .forEach(changes -> found.add(new Cure(Stream.concat(start.changes().stream(), changes.stream())
                        .toList())));
    }

    /** With what the verified token claims, if there is one. */
    private static Scenario judged(Decision.Deny deny, Scenario scenario) {
        VerifiedToken token = deny.token();
        return token == null ? scenario : new Scenario(scenario.request(), token.claims(), false);
    }

    /** Where to look from: the request as it is, or first with what lets it get as far as the rules. */
    private List<Start> starts(
            Decision.Deny deny, Scenario scenario, @Nullable JwtAuthentication jwt, TokenExamination examination) {
        if (deny.reason() == DenyReason.REQUEST_MALFORMED) {
            return RequestCures.of(scenario, deny.explanation().summary());
        }
        boolean ruled = !deny.explanation().decisive().isEmpty();
        VerifiedToken token = deny.token();
        List<Start> starts = new ArrayList<>();
        if (ruled) {
            starts.add(new Start(judged(deny, scenario), List.of()));
        }
        if (jwt != null && token == null) {
            starts.addAll(new TokenCures(jwt, examination, scenario, clock.instant()).find());
        }
        return starts;
    }
}

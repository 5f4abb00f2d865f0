package io.gatepost.tools.explain;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.MatchExpression;
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
     * @param guard what guards the route
     * @param request the request
     * @param claims claims that stand in for a verified token; null where the request's credential counts
     * @return the decision, explained
     * @throws InvalidPolicyException where the policies can't be used
     */
    public Explained explain(Guard guard, PolicyRequest request, @Nullable Map<String, @Nullable Object> claims) {
        return explain(any -> guard, request, claims);
    }

    /**
     * Explains a decision where a change of the request may make it another route's.
     *
     * @param guards what guards a request; null for one that no route takes
     * @param request a request that some route takes
     * @param claims claims that stand in for a verified token; null where the request's credential counts
     * @return the decision, explained
     * @throws InvalidPolicyException where the policies can't be used
     * @throws IllegalArgumentException where no route takes the request
     */
    public Explained explain(
            Function<PolicyRequest, @Nullable Guard> guards,
            PolicyRequest request,
            @Nullable Map<String, @Nullable Object> claims) {
        Guard guard = guards.apply(request);
        if (guard == null) {
            throw new IllegalArgumentException("no route takes the request");
        }
        Search search = Search.within(longest);
        try (Trial trial = new Trial(guards, expressions, keys, clock, claims != null, search)) {
            return explain(trial, guard, request, claims);
        }
    }

    private Explained explain(
            Trial trial, Guard guard, PolicyRequest request, @Nullable Map<String, @Nullable Object> claims) {
        Judge judge = trial.judge(guard);
        Judge.Outcome outcome = judge.decide(request, claims);
        TokenExamination early = judge.examineEarly(request);
        TokenExamination late = judge.examineLate(request);
        List<ExplanationNode> tree = new Tree(claims != null, Discretion.NONE).of(guard, outcome, early, late);
        List<Cure> cures = outcome.allows()
                ? List.of()
                : cures(trial, guard, World.of(request, claims), outcome, outcome.late() == null ? early : late);
        return new Explained(outcome.decision(), tree, cures, trial.search().isCut());
    }

    private List<Cure> cures(
            Trial trial, Guard guard, World world, Judge.Outcome outcome, TokenExamination examination) {
        Decision.Deny deny = (Decision.Deny) outcome.decision();
        EffectivePolicy refusing = outcome.late() == null ? guard.preRouting() : guard.postRouting();
        List<Cure> ofRequest = new ArrayList<>();
        List<Cure> ofPolicy = new ArrayList<>();
        try {
            for (Start start : starts(deny, world, refusing.jwtAuthentication(), examination)) {
                addCures(trial, guard, start, deny, ofRequest);
            }
            ofPolicy.addAll(PolicyCures.of(
                    trial, guard, judged(deny, world), deny.explanation().decisive()));
        } catch (Search.Cut cut) {
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

    private void addCures(Trial trial, Guard guard, Start start, Decision.Deny deny, List<Cure> found) {
        if (!start.changes().isEmpty() && trial.allows(start.world())) {
            found.add(new Cure(start.changes()));
            return;
        }
        List<MatchExpression> decisive = deny.explanation().decisive().stream()
                .map(RuleOutcome::expression)
                .toList();
        new RuleCures(trial, guard, start.world(), decisive, expressions)
                .find()
                .forEach(changes -> found.add(new Cure(Stream.concat(start.changes().stream(), changes.stream())
                        .toList())));
    }

    /** With what the verified token claims, if there is one. */
    private static World judged(Decision.Deny deny, World world) {
        VerifiedToken token = deny.token();
        return token == null ? world : new World(world.request(), token.claims(), false);
    }

    /** Where to look from: the request as it is, or first with what lets it get as far as the rules. */
    private List<Start> starts(
            Decision.Deny deny, World world, @Nullable JwtAuthentication jwt, TokenExamination examination) {
        if (deny.reason() == DenyReason.REQUEST_MALFORMED) {
            return RequestCures.of(world, deny.explanation().summary());
        }
        boolean ruled = !deny.explanation().decisive().isEmpty();
        VerifiedToken token = deny.token();
        List<Start> starts = new ArrayList<>();
        if (ruled) {
            starts.add(new Start(judged(deny, world), List.of()));
        }
        if (jwt != null && token == null) {
            starts.addAll(new TokenCures(jwt, examination, world, clock.instant()).find());
        }
        return starts;
    }
}

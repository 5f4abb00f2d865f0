package io.gatepost.tools.lint;

import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.expression.ExpressionCompiler.ResultType;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Looks for mistakes in policies that load. What it finds is true of the policies; whether it is a mistake their author
 * knows, who can accept it by a comment {@code # lint: accept id (reason)} on the line, or alone on the line before.
 * Asks nothing of the network; reads key sets in files. Not thread-safe.
 */
public final class Lint {
    private static final CelExpressionCompiler COMPILER = new CelExpressionCompiler();

    private final Clock clock;
    private final Set<Finding> found = new HashSet<>();

    /** What no message may show, whatever it is about. */
    private final Set<String> secrets = new HashSet<>();

    /** What reading tells of and lint does not: a comment that accepts it is of use all the same. */
    private final Set<Finding> toldByReading = new HashSet<>();

    /**
     * Starts with nothing found.
     *
     * @param clock says which certificates have ended
     */
    public Lint(Clock clock) {
        this.clock = clock;
    }

    /**
     * Looks at policies without knowing what applies with them: at each by itself, and at those together that name the
     * same target.
     *
     * @param policies the policies
     * @return this
     */
    public Lint policies(Collection<TrafficPolicy> policies) {
        return policies(policies, List.of());
    }

    /**
     * Looks at policies: at each by itself, and at those together that apply to one request, with the authentication
     * that is in force there.
     *
     * @param policies the policies
     * @param places what guards each route; policies that apply at none of these are looked at by their targets
     * @return this
     */
    public Lint policies(Collection<TrafficPolicy> policies, Collection<RoutePolicies> places) {
        policies.forEach(this::policy);
        places.forEach(this::place);
        Set<TrafficPolicy> placed = places.stream()
                .flatMap(one -> Stream.of(one.preRouting(), one.postRouting()))
                .flatMap(phase -> phase.policies().stream())
                .collect(Collectors.toSet());
        pools(policies.stream().filter(policy -> !placed.contains(policy)).toList())
                .forEach(pool -> PoolRules.check(pool, authentication(pool), true, found::add));
        return this;
    }

    /** A token that was verified before routing is there after it; a rule of one phase restricts for both. */
    private void place(RoutePolicies policies) {
        EffectivePolicy early = policies.preRouting();
        EffectivePolicy late = policies.postRouting();
        phase(early, tokens(early), late);
        phase(late, tokens(early, late), early);
    }

    private void phase(EffectivePolicy phase, AcceptedTokens tokens, EffectivePolicy other) {
        boolean alone = other.authorizing().stream().noneMatch(Lint::restricts);
        PoolRules.check(phase.authorizing(), tokens, alone, found::add);
        for (TrafficPolicy shadow : phase.shadows()) {
            List<TrafficPolicy> both = Stream.concat(phase.authorizing().stream(), Stream.of(shadow))
                    .toList();
            JwtAuthentication own = shadow.jwtAuthentication();
            PoolRules.check(both, own == null ? tokens : new AcceptedTokens(List.of(own), true), alone, found::add);
        }
    }

    private static AcceptedTokens tokens(EffectivePolicy... phases) {
        return new AcceptedTokens(
                Arrays.stream(phases)
                        .map(EffectivePolicy::jwtAuthentication)
                        .filter(Objects::nonNull)
                        .toList(),
                true);
    }

    private static boolean restricts(TrafficPolicy policy) {
        Authorization rules = policy.authorization();
        return rules != null && rules.action() != AuthorizationAction.DENY;
    }

    /**
     * Adds what others found, such as a reference to what is not there.
     *
     * @param findings the findings
     * @return this
     */
    public Lint add(Collection<Finding> findings) {
        found.addAll(findings);
        return this;
    }

    /**
     * What was found and not accepted, and what is wrong with the acceptances.
     *
     * @param texts the texts of the files, by the name that findings give them
     * @return the findings by file and position
     */
    public List<Finding> findings(Map<String, String> texts) {
        Map<String, Acceptances> acceptances = new HashMap<>();
        texts.forEach((source, text) -> acceptances.put(source, new Acceptances(source, text)));
        List<Finding> open = new ArrayList<>();
        for (Finding finding : found) {
            Acceptances here = acceptances.get(finding.origin().source());
            boolean accepted = here != null && here.accepts(finding);
            if (!accepted) {
                open.add(finding);
            }
        }
        for (Finding told : toldByReading) {
            Acceptances here = acceptances.get(told.origin().source());
            if (here != null) {
                here.accepts(told);
            }
        }
        acceptances.values().forEach(here -> open.addAll(here.problems()));
        return open.stream().map(this::discreet).sorted(Finding.BY_POSITION).toList();
    }

    private Finding discreet(Finding finding) {
        String message = finding.message();
        for (String secret : secrets) {
            message = message.replace(secret, "<redacted>");
        }
        return message.equals(finding.message())
                ? finding
                : new Finding(finding.rule(), finding.origin(), finding.anchor(), message);
    }

    private void policy(TrafficPolicy policy) {
        JwtAuthentication jwt = policy.jwtAuthentication();
        if (jwt != null) {
            AuthenticationRules.check(jwt, clock, found::add);
        }
        for (RuleSyntax rule : RuleSyntax.of(policy)) {
            ConditionRules.check(rule, found::add);
            TextRules.check(rule, found::add);
            TrustRules.check(rule, found::add);
            ClaimUseRules.check(rule, found::add);
            secrets.addAll(WrittenSecrets.check(rule, found::add));
        }
        if (policy.authorization() != null) {
            authorization(policy.authorization(), RuleSyntax.of(policy));
        }
    }

    private void authorization(Authorization authorization, List<RuleSyntax> rules) {
        authorization.matchExpressions().forEach(this::cost);
        boolean deny = authorization.action() == AuthorizationAction.DENY;
        if (deny && authorization.onEvaluationError() == EvaluationErrorPolicy.IGNORE) {
            found.add(
                    new Finding(
                            LintRule.IGNORED_DENY_ERROR,
                            authorization.origin(),
                            "`onEvaluationError: Ignore`: a request for which a Deny fails, such as by a missing claim, passes it"));
        }
        if (authorization.action() == AuthorizationAction.ALLOW
                && authorization.matchExpressions().size() > 1) {
            Finding anyOf = new Finding(
                    LintRule.ANY_OF,
                    authorization.matchExpressions().get(0).origin(),
                    "each of these " + rules.size() + " expressions allows by itself, and they test different things");
            (looksLikeOneRule(rules) ? found : toldByReading).add(anyOf);
        }
    }

    /**
     * Alternatives test one thing, each for another value; conditions of one rule test different things. What tests
     * nothing has only one outcome, which is told of it alone.
     */
    private static boolean looksLikeOneRule(List<RuleSyntax> rules) {
        List<Set<String>> reads = rules.stream()
                .map(rule -> Syntax.reads(rule.syntax().root())
                        .collect(Collectors.<String, Set<String>>toCollection(TreeSet::new)))
                .toList();
        Set<String> first = new HashSet<>(reads.isEmpty() ? Set.of() : reads.get(0));
        reads.forEach(first::retainAll);
        return rules.size() > 1 && first.isEmpty() && reads.stream().noneMatch(Set::isEmpty);
    }

    private void cost(MatchExpression expression) {
        try {
            for (Problem warning :
                    COMPILER.compile(expression.text(), ResultType.BOOLEAN).warnings()) {
                found.add(new Finding(
                        LintRule.UNBOUNDED_COST,
                        expression.at(warning.line(), warning.column()),
                        expression.origin(),
                        warning.message()));
            }
        } catch (InvalidExpressionException problem) {
            // Loading tells it.
        }
    }

    /** The policies of each target and phase; a policy without targets is made in code and applies to all. */
    private static Collection<List<TrafficPolicy>> pools(Collection<TrafficPolicy> policies) {
        Map<Object, List<TrafficPolicy>> pools = new LinkedHashMap<>();
        for (TrafficPolicy policy : policies) {
            Set<Object> targets = new HashSet<>(policy.targetRefs());
            targets.addAll(policy.targetSelectors());
            if (targets.isEmpty()) {
                targets.add("");
            }
            for (Object target : targets) {
                Object key = List.of(policy.name().namespace(), policy.phase(), target);
                pools.computeIfAbsent(key, none -> new ArrayList<>()).add(policy);
            }
        }
        return pools.values();
    }

    /** The authentication that counts is the last policy's, the most specific one. */
    private static AcceptedTokens authentication(List<TrafficPolicy> policies) {
        JwtAuthentication last = null;
        for (TrafficPolicy policy : policies) {
            last = policy.jwtAuthentication() == null ? last : policy.jwtAuthentication();
        }
        return new AcceptedTokens(last == null ? List.of() : List.of(last), false);
    }
}

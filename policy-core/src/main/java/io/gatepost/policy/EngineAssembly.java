package io.gatepost.policy;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.token.TokenVerifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Compiles policies and puts an engine together, with a line of its own for each policy in shadow. */
final class EngineAssembly {
    private final EngineSettings settings;

    EngineAssembly(EngineSettings settings) {
        this.settings = settings;
    }

    /** The engine, as {@link PolicyEngine.Builder#build} says. */
    PolicyEngine build() {
        EffectivePolicy policy = policy();
        if (!settings.allowsEverything && policy.demandsNothing()) {
            throw new IllegalStateException("no policy demands anything of a request, so that everybody would be let"
                    + " in: give one with `jwtAuthentication` or `authorization`, or say `allowingEverything()`"
                    + TargetedPolicies.passedOver(settings.policies, policy));
        }
        List<Diagnostic> found = new ArrayList<>();
        DecisionLine enforcing = line(policy, found);
        List<Diagnostic> warnings = new ArrayList<>();
        Shadows shadows = shadows(policy, enforcing, warnings);
        warnings.addAll(found);
        return new PolicyEngine(settings, enforcing, shadows, warnings);
    }

    private EffectivePolicy policy() {
        if (settings.effective == null) {
            return settings.targets.apply(List.copyOf(settings.policies));
        }
        if (!settings.policies.isEmpty()) {
            throw new IllegalStateException("policy(...) and policies(...) exclude each other");
        }
        return settings.effective;
    }

    /** What is wrong with a policy in shadow is told, and stands in nobody's way. */
    private Shadows shadows(EffectivePolicy policy, DecisionLine enforcing, List<Diagnostic> warnings) {
        List<Shadows.Line> lines = new ArrayList<>();
        for (TrafficPolicy shadow : policy.shadows()) {
            try {
                DecisionLine line = line(policy.enforcing(shadow), new ArrayList<>());
                if (line.readsBody() && !enforcing.readsBody()) {
                    line.close();
                    warnings.add(silent(shadow, "it reads the body, which no policy in force does"));
                } else {
                    lines.add(new Shadows.Line(shadow.name(), line));
                }
            } catch (InvalidPolicyException invalid) {
                warnings.add(silent(shadow, String.valueOf(invalid.getMessage())));
            }
        }
        return new Shadows(lines);
    }

    private static Diagnostic silent(TrafficPolicy shadow, String why) {
        return Diagnostic.warning(shadow.origin(), "in shadow, and nothing is reported of it: " + why);
    }

    /** @throws InvalidPolicyException where there is an error among what is found */
    private DecisionLine line(EffectivePolicy policy, List<Diagnostic> found) {
        TokenExtractor extractor = TokenExtractor.of(policy.jwtAuthentication(), settings.compiler, found);
        TokenVerifier verifier = TokenVerifier.of(
                policy.jwtAuthentication(),
                new TokenVerifier.Settings(settings.clock, settings.maxTokenLength, settings.cachedTokens),
                settings.keys,
                found);
        List<Rule> rules = rules(policy, new Redaction(settings.redacted, extractor), found);
        if (found.stream().anyMatch(Diagnostic::isError)) {
            verifier.close();
            throw new InvalidPolicyException(found);
        }
        BearerChallenge challenge = new BearerChallenge(settings.realm, settings.resourceMetadata);
        return new DecisionLine(policy, extractor, verifier, rules, challenge, settings.clock);
    }

    private List<Rule> rules(EffectivePolicy policy, Redaction redaction, List<Diagnostic> found) {
        List<Rule> rules = new ArrayList<>();
        for (TrafficPolicy authorizing : policy.authorizing()) {
            Authorization authorization = Objects.requireNonNull(authorizing.authorization());
            for (MatchExpression expression : authorization.matchExpressions()) {
                CompiledExpression compiled = Expressions.compile(
                        settings.compiler, expression, ExpressionCompiler.ResultType.BOOLEAN, found);
                if (compiled != null) {
                    rules.add(
                            Rule.of(rules.size(), authorizing.name(), authorization, expression, compiled, redaction));
                }
            }
        }
        return rules;
    }
}

package io.gatepost.policy;

import io.gatepost.policy.EffectivePolicy.Part;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.Enforcement;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Tells an effective policy part by part: what is in force, then what gives way to it. Not thread-safe. */
final class EffectiveParts {
    private final EffectivePolicy effective;
    private final List<Part> parts = new ArrayList<>();

    EffectiveParts(EffectivePolicy effective) {
        this.effective = effective;
    }

    List<Part> all() {
        TrafficPolicy authenticating = effective.authenticating();
        JwtAuthentication jwt = effective.jwtAuthentication();
        if (authenticating != null && jwt != null) {
            parts.add(new Part(jwt.origin(), "jwtAuthentication " + word(jwt.mode()) + of(authenticating)));
            jwt.providers().forEach(provider -> parts.add(new Part(provider.origin(), describe(provider))));
        }
        effective.authorizing().forEach(this::addRules);
        effective.policies().stream().filter(policy -> !policy.hasShadow()).forEach(this::addGivingWay);
        effective.shadows().forEach(policy -> parts.add(new Part(policy.origin(), shadow(policy))));
        return parts;
    }

    private void addRules(TrafficPolicy policy) {
        Authorization rules = policy.authorization();
        if (rules == null) {
            return;
        }
        String ignoring = rules.onEvaluationError() == EvaluationErrorPolicy.IGNORE ? ", errors ignored" : "";
        for (MatchExpression expression : rules.matchExpressions()) {
            String text = expression.text().strip().replaceAll("\\s*\\R\\s*", " ");
            parts.add(new Part(expression.origin(), word(rules.action()) + " `" + text + "`" + of(policy) + ignoring));
        }
    }

    private void addGivingWay(TrafficPolicy policy) {
        TrafficPolicy authenticating = effective.authenticating();
        JwtAuthentication jwt = policy.jwtAuthentication();
        if (jwt != null && authenticating != null && !policy.equals(authenticating)) {
            String why = EffectivePolicy.locks(authenticating) ? "locked by " : "replaced by that of ";
            parts.add(new Part(
                    jwt.origin(), "not in force: jwtAuthentication" + of(policy) + ", " + why + authenticating.name()));
        }
        Authorization rules = policy.authorization();
        if (rules != null && !effective.authorizing().contains(policy)) {
            String lock = effective.authorizing().stream()
                    .filter(EffectivePolicy::locks)
                    .map(locking -> locking.name().toString())
                    .findFirst()
                    .orElse("");
            parts.add(new Part(rules.origin(), "not in force: authorization" + of(policy) + ", locked by " + lock));
        }
    }

    private static String shadow(TrafficPolicy policy) {
        String what = policy.enforcement() == Enforcement.SHADOW ? "" : "authorization of ";
        return "NOT ENFORCED, only reported: " + what + policy.name();
    }

    private static String of(TrafficPolicy policy) {
        return " of " + policy.name();
    }

    private static String describe(JwtProvider provider) {
        return "provider `" + provider.issuer() + "`, "
                + (provider.audiences().isEmpty()
                        ? "any audience"
                        : "audiences `" + String.join("`, `", provider.audiences()) + "`");
    }

    /** As documents write it: {@code Strict}, {@code Allow}. */
    private static String word(Enum<?> constant) {
        return constant.name().charAt(0) + constant.name().substring(1).toLowerCase(Locale.ROOT);
    }
}

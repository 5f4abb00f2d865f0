package io.gatepost.tools.suite;

import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.PolicyTarget;
import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads {@code target} of tests without routes: what requests are for, and so which policies apply. */
final class TargetField {
    private static final int MAX_TARGETS = 16;
    private static final int MAX_NAME = 600;

    private static final String ALL = "all policies apply";

    private final Findings findings;

    TargetField(Findings findings) {
        this.findings = findings;
    }

    /** What the policies come to; they must have one target where none is named. */
    Function<List<TrafficPolicy>, Routing> read(Fields top) {
        if (!top.has("target")) {
            return policies -> {
                // Its exception tells the targets.
                EffectivePolicy.alike(policies);
                return Routing.everything(ALL, RoutePolicies.of(policies));
            };
        }
        List<String> texts = texts(top);
        if (texts.equals(List.of("*"))) {
            return policies -> Routing.everything(ALL, RoutePolicies.of(policies));
        }
        List<PolicyTarget> targets = new ArrayList<>();
        for (String text : texts) {
            PolicyTarget target = target(text, top);
            if (target != null) {
                targets.add(target);
            }
        }
        return policies -> Routing.everything(String.join(", ", texts), RoutePolicies.of(targets, policies));
    }

    private static List<String> texts(Fields top) {
        if (top.isList("target")) {
            return top.texts("target", 1, MAX_TARGETS, MAX_NAME);
        }
        String one = top.text("target", 1, MAX_NAME);
        return one == null ? List.of() : List.of(one);
    }

    private @Nullable PolicyTarget target(String text, Fields top) {
        try {
            return PolicyTarget.parse(text);
        } catch (IllegalArgumentException e) {
            findings.error(top.origin("target"), String.valueOf(e.getMessage()));
            return null;
        }
    }
}

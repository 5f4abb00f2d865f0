package io.gatepost.policy;

import io.gatepost.policy.Explanation.Shadow;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.request.JudgedRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Engines for policies in shadow: each decides as if its policy counted too, and nothing comes of it but a report.
 * Thread-safe.
 *
 * @param engines the engines, by the policies
 */
record Shadows(List<Engine> engines) {
    static final Shadows NONE = new Shadows(List.of());

    Shadows {
        engines = List.copyOf(engines);
    }

    /** An engine that enforces one policy more. */
    record Engine(ObjectName policy, PolicyEngine engine) {}

    /** The decision with what would have been decided; whatever goes wrong with that, the decision stays. */
    Decision told(Decision decision, JudgedRequest request, Decision.Allow earlier, EvaluationContext context) {
        List<Shadow> told = new ArrayList<>();
        for (Engine one : engines) {
            boolean waits = one.engine().readsBody() && request.pendingBody() != null;
            Shadow shadow = waits ? null : shadow(one, request, earlier, context);
            if (shadow != null) {
                told.add(shadow);
            }
        }
        Explanation explanation = decision.explanation().with(told);
        return decision instanceof Decision.Deny deny
                ? new Decision.Deny(deny.reason(), deny.challenge(), deny.token(), explanation)
                : with((Decision.Allow) decision, explanation);
    }

    private static Decision.Allow with(Decision.Allow allow, Explanation explanation) {
        return new Decision.Allow(allow.token(), allow.credentials(), explanation, allow.context());
    }

    /** Nothing waits for keys or for a body that only a shadow needs: then it says nothing. */
    private static @Nullable Shadow shadow(
            Engine one, JudgedRequest request, Decision.Allow earlier, EvaluationContext context) {
        try {
            Decision decision =
                    one.engine().decideHere(request, earlier, context).getNow(null);
            if (decision == null) {
                return null;
            }
            DenyReason reason = decision instanceof Decision.Deny deny ? deny.reason() : null;
            return new Shadow(one.policy(), reason, decision.explanation().summary());
        } catch (RuntimeException | StackOverflowError fault) {
            Throwable cause = fault.getCause() == null ? fault : fault.getCause();
            String kind = cause.getClass().getName();
            return new Shadow(one.policy(), DenyReason.RULE_FAILED, "a fault while judging: " + kind);
        }
    }

    void close() {
        engines.forEach(one -> one.engine().close());
    }
}

package io.gatepost.policy;

import io.gatepost.policy.Explanation.Shadow;
import io.gatepost.policy.model.ObjectName;
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
    Decision told(Decision decision, JudgedRequest request, Decision.Allow earlier) {
        List<Shadow> told = new ArrayList<>();
        for (Engine one : engines) {
            boolean waits = one.engine().readsBody() && request.pendingBody() != null;
            Decision other = waits ? null : decide(one.engine(), request, earlier);
            if (other != null) {
                DenyReason reason = other instanceof Decision.Deny deny ? deny.reason() : null;
                told.add(new Shadow(one.policy(), reason, other.explanation().summary()));
            }
        }
        Explanation explanation = decision.explanation().with(told);
        return decision instanceof Decision.Deny deny
                ? new Decision.Deny(deny.reason(), deny.challenge(), deny.token(), explanation)
                : new Decision.Allow(decision.token(), ((Decision.Allow) decision).credentials(), explanation);
    }

    /** Nothing waits for keys or for a body that only a shadow needs: then it says nothing. */
    private static @Nullable Decision decide(PolicyEngine engine, PolicyRequest request, Decision.Allow earlier) {
        try {
            return engine.decideHere(request, earlier).getNow(null);
        } catch (RuntimeException ofShadowOnly) {
            return null;
        }
    }

    void close() {
        engines.forEach(one -> one.engine().close());
    }
}

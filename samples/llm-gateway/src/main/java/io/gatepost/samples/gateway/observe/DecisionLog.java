package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DecisionListener;
import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.token.TokenExamination;
import io.gatepost.tools.explain.Receipt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the decisions about one route and logs a line for each denial, as long as there is no flood of them. What a
 * client can choose, such as a query, stays out of the log but for the method and the path, which have no blanks and no
 * control characters.
 */
public final class DecisionLog implements DecisionListener {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");

    private final String route;
    private final @Nullable ObjectName authenticating;
    private final Observer observer;
    private volatile @Nullable Reason why;

    DecisionLog(String route, @Nullable ObjectName authenticating, Observer observer) {
        this.route = route;
        this.authenticating = authenticating;
        this.observer = observer;
    }

    /** Why something was decided, and what the request's credential came to. */
    private record Reason(EffectivePolicy policy, Function<PolicyRequest, TokenExamination> examine) {}

    /**
     * Says what the decisions come from, so that denials can be recorded with why.
     *
     * @param policy what is in force
     * @param engine what decides by it
     */
    public void explainBy(EffectivePolicy policy, PolicyEngine engine) {
        why = new Reason(policy, engine::examine);
    }

    /**
     * What the decisions are about.
     *
     * @return the name of the route or the gateway
     */
    public String route() {
        return route;
    }

    @Override
    public void decided(PolicyRequest request, Decision decision, Duration elapsed) {
        List<RuleOutcome> decisive = decision.explanation().decisive();
        ObjectName policy = decisive.isEmpty() ? authenticating : policyOf(decisive);
        observer.metrics().decisions().count(decision, policy, elapsed);
        if (observer.audit() != null) {
            observer.audit()
                    .add(AuditRecord.of(
                            request,
                            route,
                            decision,
                            policy,
                            decisive,
                            observer.audit().claims(),
                            explanation(request, decision, observer.audit())));
        }
        if (decision instanceof Decision.Deny deny) {
            log(request, deny);
        }
    }

    /** The policy of all rules that decided together; null where they are of several. */
    private static @Nullable ObjectName policyOf(List<RuleOutcome> decisive) {
        ObjectName first = decisive.get(0).policy();
        return decisive.stream().allMatch(rule -> rule.policy().equals(first)) ? first : null;
    }

    private @Nullable Map<String, Object> explanation(PolicyRequest request, Decision decision, AuditLog audit) {
        Reason known = why;
        return known != null && audit.isExplained() && decision instanceof Decision.Deny
                ? Receipt.of(known.policy(), decision, known.examine().apply(request), Set.copyOf(audit.claims()))
                : null;
    }

    private void log(PolicyRequest request, Decision.Deny deny) {
        if (!observer.tellsRefusal()) {
            return;
        }
        LOG.atInfo()
                .addKeyValue("decision", "deny")
                .addKeyValue("reason", deny.reason())
                .addKeyValue("status", deny.reason().status())
                .addKeyValue("route", route)
                .addKeyValue("requestId", RequestText.id(request))
                .addKeyValue("method", RequestText.method(request))
                .addKeyValue("path", RequestText.path(request))
                .log(deny.explanation().summary());
    }
}

package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DecisionListener;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.tools.explain.Receipt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts decisions, records them, and logs a line for each denial, as long as there is no flood of them. One for all
 * routes. What a client can choose, such as a query, stays out of the log but for the method and the path, which have
 * no blanks and no control characters.
 */
final class DecisionLog implements DecisionListener {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");
    private static final DecidedBy UNKNOWN = new DecidedBy(null, null);

    private final Observer observer;

    DecisionLog(Observer observer) {
        this.observer = observer;
    }

    @Override
    public void decided(PolicyRequest request, Decision decision, Duration elapsed) {
        decided(request, decision, elapsed, UNKNOWN);
    }

    @Override
    public void decided(PolicyRequest request, Decision decision, Duration elapsed, DecidedBy by) {
        List<RuleOutcome> decisive = decision.explanation().decisive();
        ObjectName policy = decisive.isEmpty() ? by.policy() : policyOf(decisive);
        observer.metrics().decisions().count(decision, policy, elapsed);
        if (observer.audit() != null) {
            observer.audit()
                    .add(AuditRecord.of(
                            request,
                            route(request),
                            decision,
                            policy,
                            decisive,
                            observer.audit().claims(),
                            explanation(request, decision, by.engine(), observer.audit())));
        }
        if (decision instanceof Decision.Deny deny) {
            log(request, deny);
        }
    }

    private static String route(PolicyRequest request) {
        String route = request.route();
        return route == null ? "none" : route;
    }

    /** The policy of all rules that decided together; null where they are of several. */
    private static @Nullable ObjectName policyOf(List<RuleOutcome> decisive) {
        ObjectName first = decisive.get(0).policy();
        return decisive.stream().allMatch(rule -> rule.policy().equals(first)) ? first : null;
    }

    private static @Nullable Map<String, Object> explanation(
            PolicyRequest request, Decision decision, @Nullable PolicyEngine engine, AuditLog audit) {
        return engine != null && audit.isExplained() && decision instanceof Decision.Deny
                ? Receipt.of(engine.policy(), decision, engine.examine(request), Set.copyOf(audit.claims()))
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
                .addKeyValue("route", route(request))
                .addKeyValue("requestId", RequestText.id(request))
                .addKeyValue("method", RequestText.method(request))
                .addKeyValue("path", RequestText.path(request))
                .log(deny.explanation().summary());
    }
}

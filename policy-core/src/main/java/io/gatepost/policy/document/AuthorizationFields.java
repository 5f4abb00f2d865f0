package io.gatepost.policy.document;

import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.Enforcement;
import io.gatepost.policy.model.MatchExpression;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code authorization}. */
final class AuthorizationFields {
    private static final int MAX_EXPRESSIONS = 256;
    private static final int MAX_EXPRESSION = 16_384;

    private AuthorizationFields() {}

    /** The rules; null where anything in them is wrong, {@code readable} gets their expressions all the same. */
    static @Nullable Authorization read(Fields fields, Findings findings, List<MatchExpression> readable) {
        int errors = findings.errors();
        AuthorizationAction action = fields.choice("action", AuthorizationAction.class, AuthorizationAction.ALLOW);
        EvaluationErrorPolicy onError =
                fields.choice("onEvaluationError", EvaluationErrorPolicy.class, EvaluationErrorPolicy.DENY);
        Enforcement enforcement = fields.choice("enforcement", Enforcement.class, Enforcement.ENFORCED);
        Fields policy = fields.require("policy").fields("policy");
        List<MatchExpression> expressions = policy == null ? List.of() : expressions(policy);
        readable.addAll(expressions);
        fields.done();
        if (findings.errors() > errors || policy == null) {
            return null;
        }
        boolean isAnyOf = action == AuthorizationAction.ALLOW && expressions.size() > 1;
        if (isAnyOf && !policy.isAccepted("matchExpressions", "any-of")) {
            findings.warning(
                    policy.origin("matchExpressions"),
                    "any of these expressions suffices to allow; join them with `&&`, or use `action: Require`, where"
                            + " all must hold; where any is meant, say so by the comment `# lint: accept any-of`");
        }
        if (action != AuthorizationAction.DENY && fields.has("onEvaluationError")) {
            findings.warning(
                    fields.keyOrigin("onEvaluationError"),
                    "`onEvaluationError` matters where `action` is `Deny` only: what can't be evaluated never allows");
        }
        if (enforcement == Enforcement.SHADOW) {
            findings.warning(
                    fields.keyOrigin("enforcement"), "these rules are NOT ENFORCED, only reported, as `Shadow` says");
        }
        return new Authorization(action, expressions, onError, fields.origin(), enforcement);
    }

    private static List<MatchExpression> expressions(Fields policy) {
        policy.require("matchExpressions");
        List<MatchExpression> expressions = policy.expressions("matchExpressions", 1, MAX_EXPRESSIONS, MAX_EXPRESSION);
        policy.done();
        return expressions;
    }
}

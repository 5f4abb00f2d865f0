package io.gatepost.tools.suite;

import io.gatepost.policy.Decision;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RejectedRequestException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What became of a request that was asked about. Immutable.
 *
 * @param status the HTTP status of a refusal; 0 where it was allowed
 * @param reason why it was refused: a {@link io.gatepost.policy.DenyReason} in lower case, {@code body_rejected}, or
 *     the code of what the gateway itself answers, such as {@code route_not_found}; null where it was allowed
 * @param token the verified token, or the one whose claims were given; null where there is none
 * @param explanation what was looked at, and what decided
 */
public record Answer(
        int status, @Nullable String reason, @Nullable VerifiedToken token, Explanation explanation) {
    public Answer {
        Objects.requireNonNull(explanation, "explanation");
    }

    /**
     * A decision as an answer.
     *
     * @param decision the decision
     * @return the answer
     */
    public static Answer of(Decision decision) {
        return decision instanceof Decision.Deny deny
                ? new Answer(
                        deny.reason().status(),
                        deny.reason().name().toLowerCase(Locale.ROOT),
                        deny.token(),
                        deny.explanation())
                : new Answer(0, null, decision.token(), decision.explanation());
    }

    static final String BODY_REJECTED = "body_rejected";

    /**
     * What a gateway refuses that no policy has: at its entry, or because no route takes it.
     *
     * @param response what the client gets
     * @return the answer; its reason is the response's code
     */
    static Answer refused(ErrorResponse response) {
        String code = AskedRequest.JSON
                .readTree(response.body())
                .path("error")
                .path("code")
                .asString("");
        return new Answer(response.status(), code, null, new Explanation(response.message(), List.of()));
    }

    static Answer refused(RejectedRequestException e) {
        return e instanceof RejectedBodyException
                ? new Answer(
                        e.response().status(),
                        BODY_REJECTED,
                        null,
                        new Explanation("the body cannot be read for the rules: " + e.getMessage(), List.of()))
                : refused(e.response());
    }

    /**
     * Whether the request may go on.
     *
     * @return whether it was allowed
     */
    public boolean isAllowed() {
        return reason == null;
    }

    /**
     * Writes this as {@code decide} tells it.
     *
     * @param answer gets {@code decision}, {@code status}, {@code reason}, {@code claims} and {@code explanation}
     */
    public void writeTo(ObjectNode answer) {
        answer.put("decision", isAllowed() ? "allow" : "deny");
        if (reason != null) {
            answer.put("status", status).put("reason", reason);
        } else if (token != null) {
            answer.set("claims", AskedRequest.JSON.valueToTree(token.claims()));
        }
        ObjectNode told = answer.putObject("explanation").put("summary", explanation.summary());
        ArrayNode rules = told.putArray("rules");
        explanation.rules().forEach(rule -> write(rule, explanation.decisive().contains(rule), rules.addObject()));
    }

    private static void write(RuleOutcome rule, boolean decisive, ObjectNode row) {
        row.put("policy", rule.policy().toString())
                .put("action", rule.action().name().toLowerCase(Locale.ROOT))
                .put("expression", rule.expression().text())
                .put("position", rule.expression().origin().place())
                .put("result", rule.result().name().toLowerCase(Locale.ROOT));
        if (rule.error() != null) {
            row.put("error", rule.error());
        } else {
            row.put("value", rule.result() == RuleOutcome.Result.MATCHED);
        }
        if (decisive) {
            ObjectNode parts = row.putObject("parts");
            rule.parts().forEach(part -> parts.put(part.text(), part.value()));
        }
    }
}

package io.gatepost.policy.cel;

import io.gatepost.policy.EvaluationException;
import io.gatepost.policy.PolicyRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a request to an LLM asks for, read from its body. */
final class LlmRequest {
    private LlmRequest() {}

    /**
     * The variable {@code llm}; null where the body is absent, is not one JSON object, or names a member twice: a rule
     * that reads a field of it then fails closed.
     */
    static @Nullable StructuredValue of(PolicyRequest request) {
        byte[] body = request.body();
        return body != null && json(body) instanceof Map<?, ?> members
                ? new StructuredValue(Variables.LLM, field -> field(members, field))
                : null;
    }

    private static @Nullable Object json(byte[] body) {
        try {
            return Evaluation.context().jsonBody(body);
        } catch (EvaluationException notJson) {
            // It ends here where nothing is left to spend.
            Evaluation.charge(0);
            return null;
        }
    }

    private static @Nullable Object field(Map<?, ?> body, String field) {
        return switch (field) {
            case "requestModel" -> body.get("model") instanceof String model ? model : null;
            case "streaming" -> Boolean.TRUE.equals(body.get("stream"));
            case "params" -> body;
            default -> null;
        };
    }
}

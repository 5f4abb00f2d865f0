package io.gatepost.policy.cel;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.expression.EvaluationException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a request to an LLM asks for, read from its body: JSON, or a form. */
final class LlmRequest {
    private LlmRequest() {}

    /**
     * The variable {@code llm}; null where the body is absent, is neither one JSON object nor a form, or names a member
     * twice: a rule that reads a field of it then fails closed.
     */
    static @Nullable StructuredValue of(PolicyRequest request) {
        Map<String, @Nullable Object> parameters = parameters(request);
        return parameters == null ? null : new StructuredValue(Variables.LLM, field -> field(parameters, field));
    }

    private static @Nullable Map<String, @Nullable Object> parameters(PolicyRequest request) {
        try {
            return Evaluation.context().parameters(request);
        } catch (EvaluationException notReadable) {
            // It ends here where nothing is left to spend.
            Evaluation.charge(0);
            return null;
        }
    }

    /** A field of {@code llm}. */
    static @Nullable Object field(Map<String, @Nullable Object> body, String field) {
        return switch (field) {
            case "requestModel" -> body.get("model") instanceof String model ? model : null;
            case "streaming" -> isTrue(body.get("stream"));
            case "params" -> body;
            default -> null;
        };
    }

    /** In a form it is a text. */
    private static boolean isTrue(@Nullable Object value) {
        return Boolean.TRUE.equals(value) || "true".equals(value);
    }
}

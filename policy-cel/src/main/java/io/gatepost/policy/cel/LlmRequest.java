package io.gatepost.policy.cel;

import io.gatepost.policy.PolicyRequest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a request to an LLM asks for, read from its body. */
final class LlmRequest {
    private LlmRequest() {}

    /**
     * The variable {@code llm}. Its fields are absent where the body is, where it is not one JSON object, and where a
     * member stands in it twice: a rule that reads them then fails closed.
     */
    static StructuredValue of(PolicyRequest request) {
        Map<String, Object> body = new HashMap<>();
        if (request.body() != null && Json.parse(request.body()) instanceof Map<?, ?> members) {
            members.forEach((name, value) -> {
                if (name instanceof String text && value != null) {
                    body.put(text, value);
                }
            });
        }
        return new StructuredValue("gatepost.Llm", field -> field(body, field));
    }

    private static @Nullable Object field(Map<String, Object> body, String field) {
        return switch (field) {
            case "requestModel" -> body.get("model") instanceof String model ? model : null;
            case "streaming" -> body.isEmpty() ? null : Boolean.TRUE.equals(body.get("stream"));
            case "params" -> body.isEmpty() ? null : body;
            default -> null;
        };
    }
}

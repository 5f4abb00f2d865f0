package io.gatepost.policy;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * An answer that a gateway makes itself, with a body in OpenAI's error shape:
 * {@code {"error":{"message","type","param","code"}}}. Shared by all adapters, so that they cannot differ.
 *
 * @param status the HTTP status
 * @param headers the headers that belong to it, {@code content-type} among them
 * @param body the JSON text
 */
public record ErrorResponse(int status, Map<String, String> headers, String body) {
    private static final String RETRY_AFTER_SECONDS = "5";
    private static final JsonMapper JSON = JsonMapper.shared();

    public ErrorResponse {
        headers = Map.copyOf(headers);
        Objects.requireNonNull(body, "body");
    }

    /**
     * An error of the gateway's own.
     *
     * @param status the HTTP status
     * @param code a stable word for programs, such as {@code upstream_unavailable}
     * @param message one sentence for people; no secret, nothing that the client sent
     * @return the response
     */
    public static ErrorResponse of(int status, String code, String message) {
        return of(status, null, code, message);
    }

    static ErrorResponse of(Decision.Deny deny) {
        DenyReason reason = deny.reason();
        String code = reason.status() == 403 ? "forbidden" : reason.name().toLowerCase(Locale.ROOT);
        if ("invalid_token".equals(reason.errorCode())) {
            code = "invalid_token";
        }
        return of(reason.status(), deny.challenge(), code, reason.description());
    }

    private static ErrorResponse of(int status, @Nullable String challenge, String code, String message) {
        Map<String, @Nullable String> error = new LinkedHashMap<>();
        error.put("message", message);
        error.put("type", type(status));
        error.put("param", null);
        error.put("code", code);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("content-type", "application/json");
        if (challenge != null) {
            headers.put("www-authenticate", challenge);
        }
        if (status == 503) {
            headers.put("retry-after", RETRY_AFTER_SECONDS);
        }
        return new ErrorResponse(status, headers, JSON.writeValueAsString(Map.of("error", error)));
    }

    private static String type(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            default -> status < 500 ? "invalid_request_error" : "server_error";
        };
    }

    /**
     * The body as it is sent.
     *
     * @return UTF-8
     */
    public byte[] bodyBytes() {
        return body.getBytes(StandardCharsets.UTF_8);
    }
}

package io.gatepost.policy;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * An answer that a gateway makes itself, with a body in OpenAI's error shape:
 * {@code {"error":{"message","type","param","code"}}}. Shared by all adapters, so that they cannot differ.
 *
 * @param status the HTTP status
 * @param headers the headers that belong to it, {@code content-type} and {@code cache-control: no-store} among them
 * @param message the sentence in it for people
 * @param body the JSON text; empty in an answer to gRPC, which has its message in a header
 */
public record ErrorResponse(int status, Map<String, String> headers, String message, String body) {
    private static final String GRPC = "application/grpc";
    private static final String RETRY_AFTER_SECONDS = "5";
    private static final JsonFactory JSON = new JsonFactory();

    /** An answer to one client, or of one moment, is nobody else's (RFC 9111 section 5.2.2.5). */
    private static final Map<String, String> COMMON_HEADERS =
            Map.of("content-type", "application/json", "cache-control", "no-store");

    private static final Map<String, String> UNAVAILABLE_HEADERS =
            Map.of("content-type", "application/json", "cache-control", "no-store", "retry-after", RETRY_AFTER_SECONDS);

    public ErrorResponse {
        headers = Map.copyOf(headers);
        Objects.requireNonNull(message, "message");
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
        return new ErrorResponse(status, headers(status, null), message, body(status, code, message));
    }

    static ErrorResponse of(Decision.Deny deny) {
        DenyReason reason = deny.reason();
        return new ErrorResponse(
                reason.status(),
                headers(reason.status(), deny.challenge()),
                reason.description(),
                Objects.requireNonNull(Bodies.OF_DENIALS.get(reason)));
    }

    /** A body says no more than the reason: each is written once, for a flood of refusals to cost little. */
    private static final class Bodies {
        static final Map<DenyReason, String> OF_DENIALS = Arrays.stream(DenyReason.values())
                .collect(Collectors.toUnmodifiableMap(
                        reason -> reason, reason -> body(reason.status(), code(reason), reason.description())));

        private static String code(DenyReason reason) {
            if ("invalid_token".equals(reason.errorCode())) {
                return "invalid_token";
            }
            return reason.status() == 403 ? "forbidden" : reason.name().toLowerCase(Locale.ROOT);
        }
    }

    private static String body(int status, String code, String message) {
        // Written out: for an object mapper a start loads hundreds of classes that serving does not need.
        StringWriter body = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), body)) {
            json.writeStartObject();
            json.writeName("error");
            json.writeStartObject();
            json.writeStringProperty("message", message);
            json.writeStringProperty("type", type(status));
            json.writeNullProperty("param");
            json.writeStringProperty("code", code);
            json.writeEndObject();
            json.writeEndObject();
        }
        return body.toString();
    }

    private static Map<String, String> headers(int status, @Nullable String challenge) {
        Map<String, String> common = status == 503 ? UNAVAILABLE_HEADERS : COMMON_HEADERS;
        if (challenge == null) {
            return common;
        }
        Map<String, String> headers = new HashMap<>(common);
        headers.put("www-authenticate", challenge);
        return headers;
    }

    /**
     * The same answer with a further header.
     *
     * @param name the header's name, as it is sent
     * @param value its value, instead of one that this answer has under the same name
     * @return a new answer
     */
    public ErrorResponse withHeader(String name, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(name, value);
        return new ErrorResponse(status, more, message, body);
    }

    /**
     * The form in which the client of a request understands this answer: gRPC has its own (status 200, and what went
     * wrong in {@code grpc-status} and {@code grpc-message}), all others take it as it is.
     *
     * @param request the request to answer
     * @return the answer to send
     */
    public ErrorResponse inAnswerTo(PolicyRequest request) {
        return isGrpc(request.headers("content-type")) ? inGrpc() : this;
    }

    private static boolean isGrpc(List<String> types) {
        for (String type : types) {
            if (type.regionMatches(true, 0, GRPC, 0, GRPC.length())) {
                return true;
            }
        }
        return false;
    }

    private ErrorResponse inGrpc() {
        Map<String, String> grpcHeaders = new LinkedHashMap<>(headers);
        grpcHeaders.put("content-type", GRPC);
        grpcHeaders.put("grpc-status", Integer.toString(grpcStatus(status)));
        grpcHeaders.put("grpc-message", percentEncoded(message));
        return new ErrorResponse(200, grpcHeaders, message, "");
    }

    /** By the sense of gRPC's codes: INVALID_ARGUMENT, PERMISSION_DENIED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED. */
    private static int grpcStatus(int status) {
        return switch (status) {
            case 401 -> 16;
            case 403 -> 7;
            default -> status < 500 ? 3 : status == 500 ? 13 : 14;
        };
    }

    private static String percentEncoded(String message) {
        StringBuilder encoded = new StringBuilder();
        for (byte octet : message.getBytes(StandardCharsets.UTF_8)) {
            if (octet >= 0x20 && octet < 0x7f && octet != '%') {
                encoded.append((char) octet);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
            }
        }
        return encoded.toString();
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

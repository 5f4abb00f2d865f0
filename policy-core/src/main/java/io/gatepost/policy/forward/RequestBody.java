package io.gatepost.policy.forward;

import java.util.List;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What adapters do with a request's body that a rule judges or an upstream's model changes. */
public final class RequestBody {
    /** How large a body may be that is read, in bytes, before and after its encoding is removed. */
    public static final int DEFAULT_LIMIT = 2 * 1024 * 1024;

    private static final int MAX_DEPTH = 128;
    private static final int MAX_VALUES = 500_000;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxTokenCount(MAX_VALUES)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private RequestBody() {}

    /**
     * A body that is longer than what is read.
     *
     * @param limit the limit in bytes
     * @return an exception with status 413
     */
    public static RejectedBodyException tooLarge(int limit) {
        return new RejectedBodyException(
                413, "body_too_large", "the body is larger than the " + limit + " bytes that are read");
    }

    /**
     * A body that ends before its end, or is not framed as it says.
     *
     * @return an exception with status 400
     */
    public static RejectedBodyException broken() {
        return new RejectedBodyException(400, "invalid_body", "the body could not be read to its end");
    }

    /**
     * Removes content encodings (RFC 9110 section 8.4).
     *
     * @param body the body as it came
     * @param contentEncodings the values of {@code Content-Encoding}
     * @param limit how long the result may be, in bytes
     * @return the body itself where it has no encoding
     * @throws RejectedBodyException 415 for an encoding other than gzip and deflate or more than one, 413 beyond the
     *     limit, 400 where the body is not one stream that is encoded as it says
     */
    public static byte[] decode(byte[] body, List<String> contentEncodings, int limit) throws RejectedBodyException {
        String encoding = String.join(",", contentEncodings).strip().toLowerCase(Locale.ROOT);
        if (encoding.isEmpty() || encoding.equals("identity")) {
            return body;
        }
        return switch (encoding) {
            case "gzip", "x-gzip" -> new ContentCoding(body, limit).gzip();
            case "deflate" -> new ContentCoding(body, limit).deflate();
            default ->
                throw new RejectedBodyException(
                        415, "unsupported_encoding", "expected a body without an encoding, or gzip or deflate");
        };
    }

    /**
     * Writes a model into a request to an LLM; all else stays as it is.
     *
     * @param body the body without encodings
     * @param model the model
     * @return the new body
     * @throws RejectedBodyException 400 where the body is not one JSON object, or has a member twice
     */
    public static byte[] withModel(byte[] body, String model) throws RejectedBodyException {
        try {
            JsonNode tree = JSON.readTree(body);
            if (tree instanceof ObjectNode object) {
                return JSON.writeValueAsBytes(object.put("model", model));
            }
        } catch (JacksonException e) {
            // Its message quotes the body.
        }
        throw new RejectedBodyException(400, "invalid_body", "expected a body that is one JSON object");
    }
}

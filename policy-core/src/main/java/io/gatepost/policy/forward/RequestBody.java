package io.gatepost.policy.forward;

import io.gatepost.policy.request.NamedModel;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What adapters do with a request's body that a rule judges or an upstream's model changes. */
public final class RequestBody {
    /** How large a body may be that is read, in bytes, before and after its encoding is removed. */
    public static final int DEFAULT_LIMIT = 2 * 1024 * 1024;

    static final String BROKEN = "the body could not be read to its end";

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
        return new RejectedBodyException(400, "invalid_body", BROKEN);
    }

    /**
     * Reads a body whole.
     *
     * @param body where it comes from; not closed
     * @param length what {@code Content-Length} says, in bytes; negative where nothing does
     * @param limit how long it may be, in bytes
     * @return the body as it came
     * @throws RejectedBodyException 413 beyond the limit, 400 where it is not framed as it says
     */
    public static byte[] read(InputStream body, long length, int limit) throws RejectedBodyException {
        if (length > limit) {
            throw tooLarge(limit);
        }
        byte[] bytes;
        try {
            bytes = body.readNBytes((int) Math.min(limit + 1L, Integer.MAX_VALUE - 8L));
        } catch (IOException | RuntimeException e) {
            // Jetty tells bad chunks by an unchecked one.
            throw broken();
        }
        if (bytes.length > limit) {
            throw tooLarge(limit);
        }
        return bytes;
    }

    /**
     * Removes content encodings (RFC 9110 section 8.4). For zstd (RFC 8878) {@code com.github.luben:zstd-jni} must be
     * on the class path.
     *
     * @param body the body as it came
     * @param contentEncodings the values of {@code Content-Encoding}
     * @param limit how long the result may be, in bytes
     * @return the body itself where it has no encoding
     * @throws RejectedBodyException 415 for an encoding other than gzip, deflate and zstd or more than one, 413 beyond
     *     the limit, 400 where the body is not one stream that is encoded as it says
     */
    public static byte[] decode(byte[] body, List<String> contentEncodings, int limit) throws RejectedBodyException {
        String encoding = String.join(",", contentEncodings).strip().toLowerCase(Locale.ROOT);
        if (encoding.isEmpty() || encoding.equals("identity")) {
            return body;
        }
        return switch (encoding) {
            case "gzip", "x-gzip" -> new ContentCoding(body, limit).gzip();
            case "deflate" -> new ContentCoding(body, limit).deflate();
            case "zstd" -> new ZstdFrame(body, limit).decode();
            default -> throw unsupported("expected a body without an encoding, or one in gzip, deflate or zstd");
        };
    }

    static RejectedBodyException unsupported(String message) {
        return new RejectedBodyException(415, "unsupported_encoding", message);
    }

    static RejectedBodyException invalid(@Nullable String message) {
        return new RejectedBodyException(400, "invalid_body", String.valueOf(message));
    }

    /**
     * Writes a model into a JSON body; all else stays as it is.
     *
     * @param added whether a body gets it that has none
     * @return the same array where nothing is to be changed
     * @throws RejectedBodyException 400 where the body is not one JSON object, has a member twice, or could be read as
     *     if it named another model
     */
    static byte[] withModel(byte[] body, String model, boolean added) throws RejectedBodyException {
        try {
            if (NamedMember.isPlain(body)) {
                return withModelInPlace(body, model, added);
            }
            if (JSON.readTree(body) instanceof ObjectNode object) {
                if (!NamedModel.isNamedOnce(object.propertyNames())) {
                    throw invalid("the body names a model in another spelling than `model`");
                }
                return added || object.has("model") ? JSON.writeValueAsBytes(object.put("model", model)) : body;
            }
        } catch (JacksonException | NumberFormatException e) {
            // Its message quotes the body.
        }
        throw invalid("expected a body that is one JSON object");
    }

    private static byte[] withModelInPlace(byte[] body, String model, boolean added) throws RejectedBodyException {
        NamedMember member;
        try (JsonParser parser = JSON.createParser(body)) {
            member = NamedMember.in(body, parser);
        }
        if (member == null) {
            throw invalid("expected a body that is one JSON object");
        }
        if (!member.isNamedOnce()) {
            throw invalid("the body names a model in another spelling than `model`");
        }
        return added || member.isThere() ? member.with(JSON.writeValueAsBytes(model)) : body;
    }
}

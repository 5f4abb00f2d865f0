package io.gatepost.policy.cel;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Encodings and digests: {@code base64}, {@code url}, {@code form}, {@code sha1}, {@code sha256}, {@code md5}. */
final class EncodingFunctions {
    private static final CelType STRING = SimpleType.STRING;
    private static final MapType MAP = MapType.create(STRING, SimpleType.DYN);
    private static final String UNRESERVED = "-._~";

    private EncodingFunctions() {}

    static void addTo(Functions functions) {
        for (CelType type : List.of(STRING, SimpleType.BYTES)) {
            functions.global("base64.encode", STRING, args -> base64(bytes(args[0])), type);
            functions.global("base64Encode", STRING, args -> base64(bytes(args[0])), type);
            functions.global("base64.decode", SimpleType.BYTES, args -> decodeBase64(bytes(args[0])), type);
            functions.global("base64Decode", SimpleType.BYTES, args -> decodeBase64(bytes(args[0])), type);
            functions.global("sha1.encode", STRING, args -> digest("SHA-1", bytes(args[0])), type);
            functions.global("sha256.encode", STRING, args -> digest("SHA-256", bytes(args[0])), type);
            functions.global("md5.encode", STRING, args -> digest("MD5", bytes(args[0])), type);
            functions.global("form.decode", MAP, args -> decodeForm(utf8(bytes(args[0]))), type);
        }
        functions.global("url.encode", STRING, args -> encodeUrl((String) args[0]), STRING);
        functions.global("url.decode", STRING, args -> decodeUrl((String) args[0]), STRING);
        functions.global("form.encode", STRING, args -> encodeForm((Map<?, ?>) args[0]), MAP);
    }

    /** The bytes of a string or of bytes; charges for going through them. */
    static byte[] bytes(Object value) {
        int size = value instanceof CelByteString binary ? binary.size() : ((String) value).length();
        Evaluation.charge(size / CelLimits.PARSED_PER_STEP);
        return copied(value);
    }

    /** The bytes of a string or of bytes, for those who charge for going through them. */
    static byte[] copied(Object value) {
        return value instanceof CelByteString binary
                ? binary.toByteArray()
                : ((String) value).getBytes(StandardCharsets.UTF_8);
    }

    private static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Failure("the bytes are not UTF-8");
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static CelByteString decodeBase64(byte[] text) {
        try {
            return CelByteString.of(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw new Failure("not base64");
        }
    }

    private static String digest(String algorithm, byte[] bytes) {
        Evaluation.charge(CelLimits.FUNCTION_COST + 4L * bytes.length / CelLimits.PARSED_PER_STEP);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }

    private static String encodeUrl(String text) {
        Evaluation.charge(text.length() / CelLimits.ENCODED_PER_STEP);
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte b : bytes(text)) {
            char c = (char) (b & 0xff);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0)) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    /** A percent sign that encodes nothing stays one. */
    static String decodeUrl(String text) {
        Evaluation.charge(text.length() / CelLimits.PARSED_PER_STEP);
        byte[] encoded = bytes(text);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(encoded.length);
        for (int i = 0; i < encoded.length; i++) {
            int value = encoded[i] == '%' && i + 2 < encoded.length ? hex(encoded[i + 1], encoded[i + 2]) : -1;
            decoded.write(value < 0 ? encoded[i] : value);
            i += value < 0 ? 0 : 2;
        }
        return utf8(decoded.toByteArray());
    }

    private static int hex(byte high, byte low) {
        int one = Character.digit((char) high, 16);
        int other = Character.digit((char) low, 16);
        return one < 0 || other < 0 ? -1 : one * 16 + other;
    }

    private static MapValue decodeForm(String form) {
        Map<String, List<Object>> fields = new LinkedHashMap<>();
        for (String pair : FormPairs.of(form, 0)) {
            if (!pair.isEmpty()) {
                fields.computeIfAbsent(FormPairs.name(pair), absent -> new ArrayList<>(1))
                        .add(FormPairs.value(pair));
            }
        }
        Map<String, Object> decoded = new LinkedHashMap<>();
        fields.forEach((name, values) -> decoded.put(name, values.size() == 1 ? values.get(0) : values));
        return new MapValue(decoded);
    }

    private static String encodeForm(Map<?, ?> fields) {
        Evaluation.charge(2L * fields.size());
        Map<String, Object> sorted = new TreeMap<>();
        fields.forEach((name, value) -> sorted.put(scalar(name), value));
        List<String> pairs = new ArrayList<>();
        sorted.forEach((name, value) -> {
            List<?> values = value instanceof List<?> list ? list : List.of(value);
            values.stream()
                    .filter(one -> !(one instanceof NullValue))
                    .forEach(one -> pairs.add(encodePart(name) + "=" + encodePart(scalar(one))));
        });
        Evaluation.allowed(pairs.stream().mapToLong(String::length).sum());
        return String.join("&", pairs);
    }

    private static String scalar(Object value) {
        if (value instanceof String
                || value instanceof Long
                || value instanceof UnsignedLong
                || value instanceof Double
                || value instanceof Boolean) {
            return ConversionFunctions.text(value);
        }
        throw new Failure("a form holds strings, numbers, booleans and lists of them");
    }

    private static String encodePart(String text) {
        Evaluation.charge(1 + text.length() / CelLimits.ENCODED_PER_STEP);
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}

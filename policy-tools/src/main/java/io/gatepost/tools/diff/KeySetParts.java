package io.gatepost.tools.diff;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatepost.policy.model.JwksSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The keys of a set, as far as they can be read here, each told by its thumbprint (RFC 7638) and by what says when it
 * counts. Not instantiable.
 */
final class KeySetParts {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** What identifies a key, by its type (RFC 7638 section 3.2, RFC 8037 section 2). */
    private static final Map<String, List<String>> REQUIRED = Map.of(
            "RSA", List.of("e", "kty", "n"),
            "EC", List.of("crv", "kty", "x", "y"),
            "OKP", List.of("crv", "kty", "x"));

    private KeySetParts() {}

    /** The keys, each in one line; null where they are elsewhere or can't be read. */
    static @Nullable Set<String> of(JwksSource source) {
        return source.fold(
                inline -> of(inline.text()), file -> of(file.path()), url -> null, backend -> null, discovery -> null);
    }

    private static @Nullable Set<String> of(Path file) {
        try {
            return of(Files.readString(file));
        } catch (IOException | SecurityException unreadable) {
            return null;
        }
    }

    private static Set<String> of(String text) {
        Set<String> told = new TreeSet<>();
        try {
            JSON.readTree(text.startsWith("\ufeff") ? text.substring(1) : text)
                    .path("keys")
                    .forEach(key -> told.add(told(key)));
        } catch (JacksonException notJson) {
            told.add("a text that is no key set, digest " + digest(text.strip()));
        }
        return told;
    }

    private static String told(JsonNode key) {
        StringBuilder text = new StringBuilder("key ");
        text.append(key.has("kid") ? "`" + key.path("kid").asString("") + "`" : "without `kid`");
        for (String member : List.of("alg", "use", "key_ops")) {
            if (key.has(member)) {
                JsonNode value = key.path(member);
                text.append(", ").append(member).append(' ').append(value.isString() ? value.asString() : value);
            }
        }
        return text.append(", thumbprint ").append(thumbprint(key)).toString();
    }

    private static String thumbprint(JsonNode key) {
        Map<String, Object> members = new TreeMap<>();
        List<String> required = REQUIRED.get(key.path("kty").asString(""));
        key.properties().forEach(member -> {
            if (required == null || required.contains(member.getKey())) {
                members.put(member.getKey(), member.getValue());
            }
        });
        return digest(JSON.writeValueAsString(members));
    }

    private static String digest(String text) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

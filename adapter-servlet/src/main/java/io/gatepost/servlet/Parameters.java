package io.gatepost.servlet;

import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Request parameters, form-encoded (WHATWG URL section 5.1), where the container can't read them any more. */
final class Parameters {
    private final Map<String, List<String>> values = new LinkedHashMap<>();

    Parameters addQuery(@Nullable String query) {
        return query == null ? this : add(query, StandardCharsets.UTF_8);
    }

    Parameters addForm(byte[] body, Charset charset) {
        // The octets outside ASCII are escaped, so any charset above it splits the pairs rightly.
        return add(new String(body, charset), charset);
    }

    private Parameters add(String text, Charset charset) {
        for (String pair : text.split("&", -1)) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = decoded(equals < 0 ? pair : pair.substring(0, equals), charset);
                String value = equals < 0 ? "" : decoded(pair.substring(equals + 1), charset);
                add(name, value);
            }
        }
        return this;
    }

    /** One that is decoded already. */
    void add(String name, String value) {
        values.computeIfAbsent(name, absent -> new ArrayList<>()).add(value);
    }

    /** A text with a broken escape stands for itself. */
    private static String decoded(String text, Charset charset) {
        try {
            return URLDecoder.decode(text, charset);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    Map<String, String[]> map() {
        Map<String, String[]> map = new LinkedHashMap<>();
        values.forEach((name, list) -> map.put(name, list.toArray(String[]::new)));
        return map;
    }
}

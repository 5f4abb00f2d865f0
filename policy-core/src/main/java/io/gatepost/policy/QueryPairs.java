package io.gatepost.policy;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The pairs of a query, form-encoded (WHATWG URL section 5.1). What is not asked for keeps its spelling. */
final class QueryPairs {
    private QueryPairs() {}

    /** The decoded values of every pair of that name. */
    static List<String> values(@Nullable String query, String name) {
        return pairs(query).stream()
                .filter(pair -> isNamed(pair, name))
                .map(pair -> decoded(pair.substring(Math.min(pair.length(), nameLength(pair) + 1))))
                .toList();
    }

    /** The query without any pair of that name; null where nothing is left. */
    static @Nullable String without(@Nullable String query, String name) {
        List<String> pairs = pairs(query);
        List<String> left = pairs.stream().filter(pair -> !isNamed(pair, name)).toList();
        if (left.size() == pairs.size()) {
            return query;
        }
        return left.isEmpty() ? null : left.stream().collect(Collectors.joining("&"));
    }

    private static List<String> pairs(@Nullable String query) {
        return query == null ? List.of() : Arrays.asList(query.split("&", -1));
    }

    private static boolean isNamed(String pair, String name) {
        return decoded(pair.substring(0, nameLength(pair))).equals(name);
    }

    private static int nameLength(String pair) {
        int equals = pair.indexOf('=');
        return equals < 0 ? pair.length() : equals;
    }

    /** A text with a broken escape stands for itself. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}

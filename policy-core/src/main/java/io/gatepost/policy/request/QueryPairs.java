package io.gatepost.policy.request;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The pairs of a query, form-encoded (WHATWG URL section 5.1). What is not asked for keeps its spelling. */
final class QueryPairs {
    private QueryPairs() {}

    /** The decoded values of every pair of that name. */
    static List<String> values(@Nullable String query, String name) {
        return values(query, pair -> name(pair).equals(name));
    }

    /** The same in any case of letters, which not all servers tell apart. */
    static List<String> valuesInAnyCase(@Nullable String query, String name) {
        return values(query, pair -> name(pair).equalsIgnoreCase(name));
    }

    private static List<String> values(@Nullable String query, Predicate<String> wanted) {
        return pairs(query).stream().filter(wanted).map(QueryPairs::value).toList();
    }

    /** Every pair that has a name; a list where a name occurs more than once. */
    static Map<String, Object> all(String query) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String pair : pairs(query)) {
            if (!pair.isEmpty()) {
                values.computeIfAbsent(name(pair), absent -> new ArrayList<>()).add(value(pair));
            }
        }
        return single(values);
    }

    /** The values themselves, and lists of those that are several. */
    static Map<String, Object> single(Map<String, List<String>> values) {
        Map<String, Object> all = new LinkedHashMap<>();
        values.forEach((name, list) -> all.put(name, list.size() == 1 ? list.get(0) : List.copyOf(list)));
        return all;
    }

    /** The query without any pair of that name; null where nothing is left. */
    static @Nullable String without(@Nullable String query, String name) {
        List<String> pairs = pairs(query);
        List<String> left =
                pairs.stream().filter(pair -> !name(pair).equals(name)).toList();
        if (left.size() == pairs.size()) {
            return query;
        }
        return left.isEmpty() ? null : left.stream().collect(Collectors.joining("&"));
    }

    /** The query with another value for every pair of that name, in any case of letters. */
    static String replaced(String query, String name, String value) {
        String pair = name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
        return pairs(query).stream()
                .map(each -> name(each).equalsIgnoreCase(name) ? pair : each)
                .collect(Collectors.joining("&"));
    }

    private static List<String> pairs(@Nullable String query) {
        return query == null ? List.of() : Arrays.asList(query.split("&", -1));
    }

    private static String name(String pair) {
        return decoded(pair.substring(0, nameLength(pair)));
    }

    private static String value(String pair) {
        return decoded(pair.substring(Math.min(pair.length(), nameLength(pair) + 1)));
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

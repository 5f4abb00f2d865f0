package io.gatepost.policy.request;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The pairs of all Cookie headers (RFC 6265 section 4.2.1). What is not asked for keeps its spelling. */
final class Cookies {
    private Cookies() {}

    /** The values of every cookie of that name, which is case-sensitive. */
    static List<String> values(List<String> headers, String name) {
        return pairs(headers)
                .filter(pair -> isNamed(pair, name))
                .map(pair -> pair.substring(pair.indexOf('=') + 1).strip())
                .toList();
    }

    /** One Cookie header without any cookie of that name; empty where nothing is left. */
    static List<String> without(List<String> headers, String name) {
        if (pairs(headers).noneMatch(pair -> isNamed(pair, name))) {
            return headers;
        }
        String left = pairs(headers).filter(pair -> !isNamed(pair, name)).collect(Collectors.joining("; "));
        return left.isEmpty() ? List.of() : List.of(left);
    }

    private static Stream<String> pairs(List<String> headers) {
        return headers.stream()
                .flatMap(header -> Arrays.stream(header.split(";", -1)))
                .map(String::strip)
                .filter(pair -> !pair.isEmpty());
    }

    private static boolean isNamed(String pair, String name) {
        int equals = pair.indexOf('=');
        return equals >= 0 && pair.substring(0, equals).strip().equals(name);
    }
}

package io.gatepost.routes;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What belongs to hostnames, found by as many look-ups as a host has labels. Thread-safe once it is filled. */
final class HostTable<T> {
    private final Map<String, T> table = new HashMap<>();
    private int longestWildcard;

    /** What belongs to a pattern, made where nothing does yet. */
    T at(HostPattern pattern, Supplier<T> maker) {
        if (pattern.isWildcard()) {
            longestWildcard = Math.max(longestWildcard, pattern.text().length());
        }
        return table.computeIfAbsent(pattern.text(), added -> maker.get());
    }

    /** The first answer of those whose pattern matches the host, the most specific first; null where none has one. */
    <R> @Nullable R first(String host, Function<T, @Nullable R> question) {
        R answer = ask(host, question);
        // No wildcard is longer: a host of dots is not cut once for each of them.
        int from = Math.max(1, host.length() + 1 - longestWildcard);
        for (int dot = longestWildcard > 0 ? host.indexOf('.', from) : -1; answer == null && dot >= 0; ) {
            answer = ask("*" + host.substring(dot), question);
            dot = host.indexOf('.', dot + 1);
        }
        return answer == null ? ask(HostPattern.ANY.text(), question) : answer;
    }

    private <R> @Nullable R ask(String pattern, Function<T, @Nullable R> question) {
        T found = table.get(pattern);
        return found == null ? null : question.apply(found);
    }
}

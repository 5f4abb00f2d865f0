package io.gatepost.tools.explain;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something that made-up requests differ in, and what it may be. Immutable.
 *
 * @param path such as {@code jwt.team}
 * @param values the values, each judged otherwise by some comparison; the first one: as the request that it starts from
 */
record Dimension(String path, List<@Nullable Object> values) {
    private static final Set<String> TARGET = Set.of("request.path", "request.pathAndQuery", "request.uri");

    /** The scenario with one of the values; null where that can't be. */
    @Nullable
    Scenario apply(Scenario scenario, int value) {
        return value == 0 ? scenario : Paths.write(scenario, path, values.get(value));
    }

    boolean ofToken() {
        return path.startsWith("jwt.");
    }

    /** Whether who reads the other path may see this one. */
    boolean isSeenBy(String read) {
        return path.equals(read)
                || path.startsWith(read + ".")
                || read.startsWith(path + ".")
                || (TARGET.contains(path) && TARGET.contains(read))
                || (read.equals("request.uri")
                        && Set.of("request.host", "request.scheme").contains(path))
                || (path.equals("request.uri")
                        && Set.of("request.host", "request.scheme").contains(read))
                || isBody(read);
    }

    private boolean isBody(String read) {
        boolean raw = read.equals("request.body") || read.equals("request.bodyPrefix");
        return (raw && path.startsWith("llm.")) || (path.equals("request.body") && (raw || read.startsWith("llm")));
    }

    /** Which one is written first: what takes in others before them, what takes others away after them. */
    int rank() {
        return path.equals("request.uri") || path.equals("request.body")
                ? 0
                : path.equals("request.pathAndQuery") ? 1 : -path.length() + 1000;
    }
}

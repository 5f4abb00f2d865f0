package io.gatepost.policy.forward;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which path and query an upstream is asked for ({@code docs/semantics.md#what-a-route-changes-and-when}). */
public sealed interface UpstreamPath {
    /** The client's path and query as they stand. */
    UpstreamPath UNCHANGED = new Unchanged();

    /** OpenAI's own layout: everything below {@code /v1}. */
    UpstreamPath OPENAI = new Operation("/v1");

    /**
     * The target that the upstream is asked for.
     *
     * @param path the client's path, not decoded
     * @param query the client's query without credentials, not decoded; null for none
     * @return a path with an optional query
     */
    String target(String path, @Nullable String query);

    /** The client's path and query as they stand. */
    record Unchanged() implements UpstreamPath {
        @Override
        public String target(String path, @Nullable String query) {
            return query == null ? path : path + "?" + query;
        }
    }

    /**
     * The operation that the client's path ends with, such as {@code /chat/completions}, below a prefix, wherever the
     * client's base path is; of other paths what follows {@code /v1}, or all.
     *
     * @param prefix begins with a slash and ends without one
     */
    record Operation(String prefix) implements UpstreamPath {
        private static final List<String> OPERATIONS =
                List.of("/chat/completions", "/completions", "/responses", "/embeddings", "/rerank", "/realtime");
        private static final String VERSION = "/v1/";

        public Operation {
            requireSlash(prefix);
        }

        @Override
        public String target(String path, @Nullable String query) {
            return UNCHANGED.target(prefix + operation(path), query);
        }

        private static String operation(String path) {
            for (String operation : OPERATIONS) {
                if (path.endsWith(operation)) {
                    return operation;
                }
            }
            return path.startsWith(VERSION) ? path.substring(VERSION.length() - 1) : path;
        }
    }

    /**
     * One fixed path, whatever the client asked for; the client's query is dropped.
     *
     * @param target begins with a slash; may have a query
     */
    record Fixed(String target) implements UpstreamPath {
        public Fixed {
            requireSlash(target);
        }

        @Override
        public String target(String path, @Nullable String query) {
            return target;
        }
    }

    private static void requireSlash(String path) {
        if (!Objects.requireNonNull(path, "path").startsWith("/")) {
            throw new IllegalArgumentException("a path of an upstream begins with a slash");
        }
    }
}

package io.gatepost.routes.manifest;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a rule changes in requests that its policies allowed, and in their responses.
 *
 * @param request changes of the request's headers; null for none
 * @param response changes of the response's headers, refusals included; null for none
 * @param rewrite another host or path for the backend; null for none
 * @param redirect answers with a redirect instead of asking a backend; null for none, never beside {@code rewrite}
 */
public record RouteFilters(
        @Nullable HeaderChanges request,
        @Nullable HeaderChanges response,
        @Nullable Rewrite rewrite,
        @Nullable Redirect redirect) {
    /** Nothing is changed. */
    public static final RouteFilters NONE = new RouteFilters(null, null, null, null);

    /**
     * Changes of headers, in this order.
     *
     * @param set values that replace whatever is there
     * @param add values that are added
     * @param remove headers that are removed
     */
    public record HeaderChanges(Map<String, String> set, Map<String, String> add, List<String> remove) {
        public HeaderChanges {
            set = Map.copyOf(set);
            add = Map.copyOf(add);
            remove = List.copyOf(remove);
        }
    }

    /**
     * {@code URLRewrite}.
     *
     * @param hostname what the backend is told as {@code Host}; null to leave it
     * @param path the path; null to leave it
     */
    public record Rewrite(
            @Nullable String hostname, @Nullable PathChange path) {}

    /**
     * {@code RequestRedirect}: what the new location has that the request has not.
     *
     * @param scheme its scheme; null for the request's
     * @param hostname its host; null for the request's
     * @param path its path; null for the request's
     * @param port its port; null for the scheme's own where a scheme is given, or else the request's
     * @param status 301, 302, 303, 307 or 308
     */
    public record Redirect(
            @Nullable String scheme,
            @Nullable String hostname,
            @Nullable PathChange path,
            @Nullable Integer port,
            int status) {}

    /**
     * Another path.
     *
     * @param prefix the prefix of the rule's matches that is replaced, without a slash at its end; null where the whole
     *     path is
     * @param value what comes instead
     */
    public record PathChange(@Nullable String prefix, String value) {
        public PathChange {
            Objects.requireNonNull(value, "value");
        }

        /**
         * The path with this change.
         *
         * @param path a path that the rule matches
         * @return another path, which begins with a slash
         */
        public String of(String path) {
            if (prefix == null) {
                return value;
            }
            String rest = path.startsWith(prefix) ? path.substring(prefix.length()) : path;
            String head = value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
            String changed = rest.isEmpty() || rest.startsWith("/") ? head + rest : head + "/" + rest;
            return changed.isEmpty() ? "/" : changed;
        }
    }
}

package io.gatepost.routes.manifest;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.expression.PatternCompiler.Pattern;
import io.gatepost.policy.model.ObjectName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An {@code HTTPRoute}: which requests go to which backends.
 *
 * @param name the object's name
 * @param labels the object's labels
 * @param parentRefs what it attaches to
 * @param hostnames the hosts that it answers for; empty for every host of its listeners
 * @param rules its rules
 * @param origin where the document starts
 */
public record HttpRoute(
        ObjectName name,
        Map<String, String> labels,
        List<ParentRef> parentRefs,
        List<String> hostnames,
        List<Rule> rules,
        Origin origin) {
    public HttpRoute {
        labels = Map.copyOf(labels);
        parentRefs = List.copyOf(parentRefs);
        hostnames = List.copyOf(hostnames);
        rules = List.copyOf(rules);
    }

    /**
     * What a route attaches to.
     *
     * @param kind {@code Gateway}, {@code ListenerSet} or {@code Service}
     * @param name the object's name; its namespace is the route's where the document gives none
     * @param sectionName a listener; null for all of them
     * @param port a listener's port; null for all of them
     * @param origin where it is written
     */
    public record ParentRef(
            String kind,
            ObjectName name,
            @Nullable String sectionName,
            @Nullable Integer port,
            Origin origin) {}

    /**
     * One rule.
     *
     * @param name its name, a policy's {@code sectionName}; null where it has none
     * @param matches any of them suffices; never empty: without any in the document, one that every request meets
     * @param filters what it changes
     * @param timeout how long a backend may take to begin its response; null for as long as the gateway waits
     * @param backendRefs where requests go; may be empty
     * @param origin where it is written
     */
    public record Rule(
            @Nullable String name,
            List<Match> matches,
            RouteFilters filters,
            @Nullable Duration timeout,
            List<BackendRef> backendRefs,
            Origin origin) {
        public Rule {
            matches = List.copyOf(matches);
            backendRefs = List.copyOf(backendRefs);
        }
    }

    /**
     * What a request must be like; all of it.
     *
     * @param path its path
     * @param method its method; null for every method
     * @param headers its headers
     * @param queryParams its query parameters
     */
    public record Match(
            PathMatch path, @Nullable String method, List<ValueMatch> headers, List<ValueMatch> queryParams) {
        public Match {
            headers = List.copyOf(headers);
            queryParams = List.copyOf(queryParams);
        }
    }

    /** How a path is compared. */
    public enum PathType {
        /** The whole path. */
        EXACT,
        /** Whole segments at its start. */
        PATH_PREFIX,
        /** A pattern that the whole path matches. */
        REGULAR_EXPRESSION
    }

    /**
     * What a path must be like.
     *
     * @param type how it is compared
     * @param value the path, or the text of the pattern that the whole path matches
     * @param compiled the pattern; null unless the type is {@link PathType#REGULAR_EXPRESSION}
     */
    public record PathMatch(
            PathType type, String value, @Nullable Pattern compiled) {}

    /**
     * What a header or a query parameter must be like.
     *
     * @param name its name
     * @param value the value, or the pattern that the whole value matches
     * @param pattern whether {@code value} is a pattern
     * @param compiled the pattern; null where {@code value} is none
     */
    public record ValueMatch(
            String name,
            String value,
            boolean pattern,
            @Nullable Pattern compiled) {}

    /**
     * Where requests go.
     *
     * @param group API group; empty for a {@code Service}
     * @param kind {@code Service} or {@code AgentgatewayBackend}
     * @param name the object's name; its namespace is the route's where the document gives none
     * @param port the port; never null for a {@code Service}
     * @param weight its share of the rule's requests, 0 or more, default 1
     * @param origin where it is written
     */
    public record BackendRef(
            String group,
            String kind,
            ObjectName name,
            @Nullable Integer port,
            int weight,
            Origin origin) {}
}

package io.gatepost.routes;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.RequestTarget;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds what belongs to a request with the Gateway API's precedence. How long that takes does not depend on how many
 * routes there are. Thread-safe once it is filled.
 *
 * @param <T> what belongs to requests, such as a handler
 */
public final class Router<T> {
    /** The answer to a request that no route takes. */
    public static final ErrorResponse NO_ROUTE =
            ErrorResponse.of(404, "route_not_found", "no route takes this request");

    /** The answer to a request that is longer than what routes look at. */
    public static final ErrorResponse TOO_LONG = ErrorResponse.of(
            414, "request_malformed", "the path, the query or a header is longer than what routes look at");

    private final HostTable<Listener<T>> listeners = new HostTable<>();
    private final T noListener;
    private final T tooLong;

    /**
     * Starts without listeners.
     *
     * @param noListener what belongs to a request that no listener takes
     * @param tooLong what belongs to a request that is so long that not every pattern could be looked at
     */
    public Router(T noListener, T tooLong) {
        this.noListener = Objects.requireNonNull(noListener, "noListener");
        this.tooLong = Objects.requireNonNull(tooLong, "tooLong");
    }

    /**
     * One match of one rule of one route on one listener; of equal ones the first added wins.
     *
     * @param <T> what belongs to requests
     * @param host the host
     * @param match what a request must be like
     * @param target what belongs to such a request
     */
    public record Entry<T>(HostPattern host, RouteMatch match, T target) {}

    /** The routes of all listeners of one hostname, and what belongs to a request where none matches. */
    private record Listener<T>(HostTable<PathTable<T>> routes, T noRoute) {}

    /**
     * Adds a listener. Listeners of one hostname share their routes; the first one's {@code noRoute} counts.
     *
     * @param hostname the listener's hostname; null for every host
     * @param entries the matches of its routes
     * @param noRoute what belongs to a request of the listener that no match takes
     */
    public void add(@Nullable String hostname, List<Entry<T>> entries, T noRoute) {
        Listener<T> listener = listeners.at(HostPattern.of(hostname), () -> new Listener<>(new HostTable<>(), noRoute));
        entries.forEach(
                entry -> listener.routes().at(entry.host(), PathTable::new).add(entry));
    }

    /**
     * What belongs to a request: that of the most specific match on the most specific listener.
     *
     * @param request the request
     * @return what was added for it
     */
    public T of(PolicyRequest request) {
        String host = hostname(request.host());
        RoutedRequest routed = new RoutedRequest(request);
        T target = listeners.first(host, listener -> of(routed, host, listener));
        // A guarded route may be among those that were not asked.
        return routed.isTooLong() ? tooLong : target == null ? noListener : target;
    }

    private static <T> T of(RoutedRequest request, String host, Listener<T> listener) {
        T target = listener.routes().first(host, paths -> paths.of(request));
        return target == null ? listener.noRoute() : target;
    }

    /** Without the port, and without the dot of the root: a name with it is the same host (RFC 3986 section 3.2.2). */
    private static String hostname(String authority) {
        String host = RequestTarget.hostName(authority);
        boolean rooted = host.length() > 1 && host.endsWith(".");
        return (rooted ? host.substring(0, host.length() - 1) : host).toLowerCase(Locale.ROOT);
    }
}

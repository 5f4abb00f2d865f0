package io.gatepost.samples.gateway.server;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.routes.manifest.HttpRoute;
import io.gatepost.routes.manifest.HttpRoute.BackendRef;
import io.gatepost.routes.manifest.RouteFilters;
import io.gatepost.samples.gateway.observe.Metrics;
import io.gatepost.undertow.LlmForwardingHandler;
import io.undertow.server.HttpHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handlers that send requests on, one for each upstream, kept with their connections while the configuration around
 * them changes.
 */
final class Forwarders implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");
    private static final HttpHandler NO_BACKEND = exchange -> Responses.send(
            exchange, ErrorResponse.of(500, "backend_not_found", "the backend of this route is not configured"));

    private final Map<String, InetSocketAddress> resolve;
    private final int bodyLimit;
    private final Metrics metrics;
    private final Map<Upstream, LlmForwardingHandler> handlers = new HashMap<>();
    private final Set<Upstream> used = new HashSet<>();

    /**
     * @param resolve where to connect instead, by {@code host:port}
     * @param bodyLimit how large a body may be that a backend's model changes
     */
    Forwarders(Map<String, InetSocketAddress> resolve, int bodyLimit, Metrics metrics) {
        this.bodyLimit = bodyLimit;
        this.metrics = metrics;
        this.resolve = Map.copyOf(resolve);
    }

    /** The handler of a rule: each backend gets its share of the requests; an unusable one answers its share by 500. */
    HttpHandler of(HttpRoute.Rule rule, Backends backends) {
        Shares shares = new Shares();
        for (BackendRef ref : rule.backendRefs()) {
            if (ref.weight() > 0) {
                shares.add(ref.weight(), of(ref, rule, backends));
            }
        }
        return Filters.behindPolicies(rule.filters(), shares.isEmpty() ? NO_BACKEND : shares);
    }

    private HttpHandler of(BackendRef ref, HttpRoute.Rule rule, Backends backends) {
        try {
            Upstream upstream = backends.upstream(ref);
            used.add(upstream);
            RouteFilters.Rewrite rewrite = rule.filters().rewrite();
            return handlers.computeIfAbsent(upstream, this::open)
                    .asked(rewrite == null ? null : rewrite.hostname(), rule.timeout());
        } catch (Backends.DanglingReferenceException told) {
            return NO_BACKEND;
        } catch (Backends.UnusableBackendException unusable) {
            LOG.error("{}; until then its route answers 500", unusable.getMessage());
            return NO_BACKEND;
        }
    }

    private LlmForwardingHandler open(Upstream upstream) {
        return LlmForwardingHandler.builder(upstream)
                .connectTo(resolve.get(authority(upstream.base())))
                .bodyLimit(bodyLimit)
                .listener(metrics.of(upstream))
                .build();
    }

    static int port(URI url) {
        int standard = "https".equals(url.getScheme()) ? 443 : 80;
        return url.getPort() < 0 ? standard : url.getPort();
    }

    static String authority(URI url) {
        return url.getHost() + ":" + port(url);
    }

    /** Closes what the configuration that was made last does not use. */
    void dropUnused() {
        handlers.entrySet().removeIf(entry -> {
            boolean unused = !used.contains(entry.getKey());
            if (unused) {
                entry.getValue().close();
            }
            return unused;
        });
        used.clear();
    }

    @Override
    public void close() {
        handlers.values().forEach(LlmForwardingHandler::close);
    }
}

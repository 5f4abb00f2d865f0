package io.gatepost.samples.gateway.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.undertow.server.ExchangeCompletionListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ResponseCommitListener;
import io.undertow.util.AttachmentKey;
import io.undertow.util.Headers;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Counts and times what clients ask, by the route that took it. Thread-safe. */
public final class RequestMeters {
    private static final AttachmentKey<Route> ROUTE = AttachmentKey.create(Route.class);

    private final Histograms times;
    private final Counter received;
    private final LongAdder active = new LongAdder();
    private final LongAdder streams = new LongAdder();
    private final LongAdder webSockets = new LongAdder();
    private final Map<String, Route> routes = new ConcurrentHashMap<>();
    private final Route none;

    RequestMeters(MeterRegistry registry) {
        times = new Histograms(
                registry,
                "http.server.request.duration",
                "time from a request's head to the end of its response",
                Histograms.HTTP_SECONDS);
        none = new Route("");
        received = Counter.builder("gatepost.requests")
                .description("requests received")
                .register(registry);
        Gauge.builder("http.server.active.requests", active, LongAdder::sum)
                .description("requests whose response has not ended yet")
                .register(registry);
        Gauge.builder("gatepost.open.streams", streams, LongAdder::sum)
                .description("responses of server-sent events that have begun and not ended")
                .register(registry);
        Gauge.builder("gatepost.open.websockets", webSockets, LongAdder::sum)
                .description("WebSockets that are open")
                .register(registry);
    }

    /** The histograms of one route, looked up once for each method and status that it met. */
    private final class Route {
        private final String name;
        private final Map<Integer, Timer> known = new ConcurrentHashMap<>();

        Route(String name) {
            this.name = name;
        }

        void record(HttpServerExchange exchange, long nanos) {
            int method = Methods.indexOf(exchange.getRequestMethod());
            boolean tls = exchange.getRequestScheme().equals("https");
            Integer kind = (exchange.getStatusCode() * Methods.COUNT + method) * 2 + (tls ? 1 : 0);
            Timer timer = known.get(kind);
            if (timer == null) {
                timer = times.of(Tags.of(
                        "http_request_method",
                        Methods.name(method),
                        "http_response_status_code",
                        Integer.toString(exchange.getStatusCode()),
                        "http_route",
                        name,
                        "url_scheme",
                        tls ? "https" : "http"));
                known.put(kind, timer);
            }
            timer.record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    /**
     * Measures every request.
     *
     * @param next what answers it
     * @return a handler in front of {@code next}
     */
    public HttpHandler measuring(HttpHandler next) {
        return exchange -> {
            new Request().start(exchange);
            next.handleRequest(exchange);
        };
    }

    /**
     * Says which route took a request.
     *
     * @param route the route's name
     * @param next what answers it
     * @return a handler in front of {@code next}
     */
    public HttpHandler routed(String route, HttpHandler next) {
        Route taken = routes.computeIfAbsent(route, Route::new);
        return exchange -> {
            exchange.putAttachment(ROUTE, taken);
            next.handleRequest(exchange);
        };
    }

    /** One request under way. */
    private final class Request implements ExchangeCompletionListener, ResponseCommitListener {
        private final long start = System.nanoTime();
        private boolean stream;

        void start(HttpServerExchange exchange) {
            received.increment();
            active.increment();
            exchange.addResponseCommitListener(this);
            exchange.addExchangeCompleteListener(this);
        }

        @Override
        public void beforeCommit(HttpServerExchange exchange) {
            String type = exchange.getResponseHeaders().getFirst(Headers.CONTENT_TYPE);
            stream = type != null && type.startsWith("text/event-stream");
            if (stream) {
                streams.increment();
            }
        }

        @Override
        public void exchangeEvent(HttpServerExchange exchange, NextListener next) {
            try {
                active.decrement();
                if (stream) {
                    streams.decrement();
                }
                if (exchange.isUpgrade() && exchange.getConnection().isOpen()) {
                    webSockets.increment();
                    exchange.getConnection().addCloseListener(closed -> webSockets.decrement());
                }
                Route route = exchange.getAttachment(ROUTE);
                (route == null ? none : route).record(exchange, System.nanoTime() - start);
            } finally {
                next.proceed();
            }
        }
    }
}

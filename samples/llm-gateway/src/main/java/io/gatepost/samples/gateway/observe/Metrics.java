package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.forward.Upstream;
import io.gatepost.policy.keys.KeyState;
import io.gatepost.policy.token.TokenCacheState;
import io.gatepost.undertow.UpstreamListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Counts what the gateway did since it started, in Prometheus' text format; docs/operations.md says what each metric
 * means. No label is a client's to choose, and none holds anything of a token. Thread-safe.
 */
public final class Metrics {
    private static final int AUDIT_QUEUE = 8192;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final DecisionMeters decisions = new DecisionMeters(registry);
    private final RequestMeters requests = new RequestMeters(registry);
    private final KeySetMeters keySets = new KeySetMeters(registry);
    private final TokenCacheMeters tokenCaches = new TokenCacheMeters(registry);
    private final UpstreamMeters.Families upstreams;
    private final Counter reloads;
    private final Counter refusedReloads;
    private final AtomicInteger refused = new AtomicInteger();
    private final Counter opened;
    private final AtomicInteger unguarded = new AtomicInteger();

    /** Starts at zero. */
    public Metrics() {
        List<Double> seconds =
                List.of(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92);
        upstreams = new UpstreamMeters.Families(
                new Histograms(
                        registry,
                        "http.client.request.duration",
                        "time of a call of an upstream",
                        Histograms.HTTP_SECONDS),
                new Histograms(
                        registry, "gen_ai.client.operation.duration", "time of an operation of a model", seconds),
                new Histograms(
                        registry,
                        "gen_ai.client.operation.time_to_first_chunk",
                        "time until a streamed answer's first bytes",
                        seconds));
        reloads = reloads("taken");
        refusedReloads = reloads("refused");
        Gauge.builder("gatepost.reload.refused", refused, AtomicInteger::get)
                .description("whether the files as they are now were refused")
                .register(registry);
        opened = Counter.builder("gatepost.routes.opened")
                .description("routes that a change of the files left open where policies guarded")
                .register(registry);
        Gauge.builder("gatepost.routes.unguarded", unguarded, AtomicInteger::get)
                .description("routes of which something is open to everyone")
                .register(registry);
        bindProcess();
    }

    private Counter reloads(String result) {
        return Counter.builder("gatepost.reloads")
                .description("changed files by whether they were taken")
                .tag("result", result)
                .register(registry);
    }

    private void bindProcess() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    /** What counts decisions. */
    DecisionMeters decisions() {
        return decisions;
    }

    /**
     * What counts requests.
     *
     * @return the one of this gateway
     */
    public RequestMeters requests() {
        return requests;
    }

    /**
     * What hears of the calls of an upstream.
     *
     * @param upstream the upstream
     * @return its listener
     */
    public UpstreamListener of(Upstream upstream) {
        int standard = upstream.base().getScheme().equalsIgnoreCase("https") ? 443 : 80;
        int port = upstream.base().getPort();
        Tags server =
                Tags.of("server_address", upstream.base().getHost(), "server_port", "" + (port < 0 ? standard : port));
        return new UpstreamMeters(upstreams, server, upstream.model() == null ? "" : upstream.model());
    }

    /**
     * Counts a change of the files.
     *
     * @param taken whether it is served
     */
    public void reloaded(boolean taken) {
        (taken ? reloads : refusedReloads).increment();
        refused.set(taken ? 0 : 1);
    }

    /**
     * Counts routes that take requests without any policy that were guarded before the files changed.
     *
     * @param routes how many
     */
    public void opened(int routes) {
        opened.increment(routes);
    }

    /**
     * Says how many routes are open to everyone, wholly or with some of their rules.
     *
     * @param routes their number now
     */
    public void unguarded(int routes) {
        unguarded.set(routes);
    }

    /**
     * Says which caches of verified tokens are asked from now on.
     *
     * @param state what they come to together
     */
    public void tokenCaches(Supplier<TokenCacheState> state) {
        tokenCaches.serve(state);
    }

    /**
     * Starts to record decisions.
     *
     * @param file the file to append to; {@code -} for the standard output
     * @param claims the claims that are recorded beside subject and issuer
     * @param explained whether denials are recorded with why, in full
     * @return the record, to be closed at the end
     * @throws java.io.UncheckedIOException where the file can't be written
     */
    public AuditLog audit(Path file, List<String> claims, boolean explained) {
        return new AuditLog(AuditFile.open(file), claims, explained, AUDIT_QUEUE, registry);
    }

    /**
     * Says how many connections there are.
     *
     * @param open their number now
     */
    public void connections(IntSupplier open) {
        Gauge.builder("gatepost.open.connections", open::getAsInt)
                .description("connections of clients")
                .register(registry);
    }

    /**
     * Everything as it is now.
     *
     * @param keys how the sources of keys fare
     * @param now what their age is told by
     * @return Prometheus' text format, version 0.0.4
     */
    public synchronized String text(List<KeyState> keys, Instant now) {
        keySets.update(keys, now);
        return registry.scrape();
    }
}

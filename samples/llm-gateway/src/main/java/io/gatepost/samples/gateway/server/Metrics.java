package io.gatepost.samples.gateway.server;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.KeyState;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Counts what the gateway did since it started, in Prometheus' text format. Thread-safe. */
final class Metrics {
    private final LongAdder requests = new LongAdder();
    private final LongAdder allowed = new LongAdder();
    private final Map<DenyReason, LongAdder> denied = new EnumMap<>(DenyReason.class);
    private final LongAdder reloads = new LongAdder();
    private final LongAdder failedReloads = new LongAdder();

    Metrics() {
        for (DenyReason reason : DenyReason.values()) {
            denied.put(reason, new LongAdder());
        }
    }

    void request() {
        requests.increment();
    }

    void allowed() {
        allowed.increment();
    }

    void denied(DenyReason reason) {
        LongAdder count = denied.get(reason);
        if (count != null) {
            count.increment();
        }
    }

    void reloaded(boolean taken) {
        (taken ? reloads : failedReloads).increment();
    }

    /**
     * @param keys how the sources of keys fare
     * @param now what their age is told by
     */
    String text(List<KeyState> keys, Instant now) {
        StringBuilder text = new StringBuilder();
        family(text, "gatepost_requests_total", "requests received");
        line(text, "gatepost_requests_total", "", requests);
        family(text, "gatepost_decisions_total", "decisions by outcome and reason");
        line(text, "gatepost_decisions_total", "{decision=\"allow\",reason=\"\"}", allowed);
        denied.forEach((reason, count) -> line(
                text,
                "gatepost_decisions_total",
                "{decision=\"deny\",reason=\"" + reason.name().toLowerCase(Locale.ROOT) + "\"}",
                count));
        family(text, "gatepost_reloads_total", "changed files by whether they were taken");
        line(text, "gatepost_reloads_total", "{result=\"taken\"}", reloads);
        line(text, "gatepost_reloads_total", "{result=\"refused\"}", failedReloads);
        keys(text, keys, now);
        return text.toString();
    }

    /** Why a source fails is in the log: a text is no label. */
    private static void keys(StringBuilder text, List<KeyState> keys, Instant now) {
        gauge(text, "gatepost_key_set_keys", "usable keys known of a source", keys, state -> (long) state.keys());
        gauge(
                text,
                "gatepost_key_set_failing",
                "whether the last reading failed",
                keys,
                state -> state.lastError() == null ? 0L : 1L);
        gauge(
                text,
                "gatepost_key_set_age_seconds",
                "time since keys were read or confirmed",
                keys,
                state -> state.readAt() == null
                        ? null
                        : Duration.between(state.readAt(), now).toSeconds());
        gauge(
                text,
                "gatepost_key_set_next_try_seconds",
                "time until the next reading",
                keys,
                state -> state.nextTry() == null
                        ? null
                        : Duration.between(now, state.nextTry()).toSeconds());
    }

    private static void gauge(
            StringBuilder text,
            String name,
            String help,
            List<KeyState> keys,
            Function<KeyState, @Nullable Long> value) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(" gauge\n");
        for (KeyState state : keys) {
            Long number = value.apply(state);
            if (number != null) {
                String source = state.source().replace("\\", "\\\\").replace("\"", "\\\"");
                text.append(name).append("{source=\"").append(source).append("\"} ");
                text.append(number).append('\n');
            }
        }
    }

    private static void family(StringBuilder text, String name, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(" counter\n");
    }

    private static void line(StringBuilder text, String name, String labels, LongAdder count) {
        text.append(name).append(labels).append(' ').append(count.sum()).append('\n');
    }
}

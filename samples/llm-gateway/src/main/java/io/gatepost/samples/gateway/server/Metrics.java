package io.gatepost.samples.gateway.server;

import io.gatepost.policy.DenyReason;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

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

    String text() {
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
        return text.toString();
    }

    private static void family(StringBuilder text, String name, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(" counter\n");
    }

    private static void line(StringBuilder text, String name, String labels, LongAdder count) {
        text.append(name).append(labels).append(' ').append(count.sum()).append('\n');
    }
}

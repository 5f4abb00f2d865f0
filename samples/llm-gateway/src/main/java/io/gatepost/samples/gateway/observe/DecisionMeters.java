package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.model.ObjectName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** Counts and times decisions. Labels are what the operator wrote: policies and issuers. Thread-safe. */
final class DecisionMeters {
    private final MeterRegistry registry;
    private final Timer allowing;
    private final Timer denying;
    private final ConcurrentMap<Kind, Counter> counters = new ConcurrentHashMap<>();
    private final ConcurrentMap<Kind, Counter> shadows = new ConcurrentHashMap<>();

    DecisionMeters(MeterRegistry registry) {
        this.registry = registry;
        Histograms times = new Histograms(
                registry,
                "gatepost.decision.duration",
                "time until a decision, a wait for keys included",
                List.of(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1, 1.0));
        allowing = times.of(Tags.of("decision", "allow"));
        denying = times.of(Tags.of("decision", "deny"));
    }

    /** What decisions have in common that are counted together. */
    private record Kind(
            @Nullable DenyReason reason,
            @Nullable ObjectName policy,
            @Nullable String provider) {}

    void count(Decision decision, @Nullable ObjectName policy, Duration elapsed) {
        DenyReason reason = decision instanceof Decision.Deny deny ? deny.reason() : null;
        (reason == null ? allowing : denying).record(elapsed);
        Kind kind = new Kind(reason, policy, decision.explanation().provider());
        Counter known = counters.get(kind);
        (known == null ? counters.computeIfAbsent(kind, this::counter) : known).increment();
        for (Explanation.Shadow shadow : decision.explanation().shadows()) {
            shadows.computeIfAbsent(new Kind(shadow.reason(), shadow.policy(), null), this::shadow)
                    .increment();
        }
    }

    private Counter shadow(Kind kind) {
        return Counter.builder("gatepost.shadow.decisions")
                .description("what policies in shadow would have decided")
                .tag("decision", kind.reason() == null ? "allow" : "deny")
                .tag("reason", kind.reason() == null ? "" : kind.reason().name().toLowerCase(Locale.ROOT))
                .tag("policy", String.valueOf(kind.policy()))
                .register(registry);
    }

    private Counter counter(Kind kind) {
        return Counter.builder("gatepost.decisions")
                .description("decisions by outcome")
                .tag("decision", kind.reason() == null ? "allow" : "deny")
                .tag("reason", kind.reason() == null ? "" : kind.reason().name().toLowerCase(Locale.ROOT))
                .tag("policy", kind.policy() == null ? "" : kind.policy().toString())
                .tag("provider", kind.provider() == null ? "" : kind.provider())
                .register(registry);
    }
}

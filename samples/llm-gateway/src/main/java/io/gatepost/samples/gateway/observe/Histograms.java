package io.gatepost.samples.gateway.observe;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;

/**
 * A family of histograms of times.
 *
 * @param name OpenTelemetry's name; in Prometheus' form {@code _} for dots, and {@code _seconds} behind
 * @param help what is timed
 * @param bounds the upper bounds of the buckets in seconds
 */
record Histograms(MeterRegistry registry, String name, String help, List<Double> bounds) {
    /** OpenTelemetry's buckets for HTTP, and some for answers of models, which take longer. */
    static final List<Double> HTTP_SECONDS =
            List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 60.0, 120.0);

    /** The histogram of these labels, the same for the same labels: to be looked up once, and kept. */
    Timer of(Tags labels) {
        return Timer.builder(name)
                .description(help)
                .tags(labels)
                .serviceLevelObjectives(bounds.stream()
                        .map(seconds -> Duration.ofNanos(Math.round(seconds * 1e9)))
                        .toArray(Duration[]::new))
                .register(registry);
    }
}

package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.keys.KeyState;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How the sources of keys fare. Why one fails is in the log: a text is no label. Not thread-safe. */
final class KeySetMeters {
    private final MultiGauge keys;
    private final MultiGauge failing;
    private final MultiGauge age;
    private final MultiGauge nextTry;

    KeySetMeters(MeterRegistry registry) {
        keys = MultiGauge.builder("gatepost.key.set.keys")
                .description("usable keys known of a source")
                .register(registry);
        failing = MultiGauge.builder("gatepost.key.set.failing")
                .description("whether the last reading failed")
                .register(registry);
        age = MultiGauge.builder("gatepost.key.set.age")
                .description("time since keys were read or confirmed")
                .baseUnit("seconds")
                .register(registry);
        nextTry = MultiGauge.builder("gatepost.key.set.next.try")
                .description("time until the next reading")
                .baseUnit("seconds")
                .register(registry);
    }

    void update(List<KeyState> states, Instant now) {
        keys.register(rows(states, KeyState::keys), true);
        failing.register(rows(states, state -> state.lastError() == null ? 0 : 1), true);
        age.register(rows(states, state -> seconds(state.readAt(), now)), true);
        nextTry.register(rows(states, state -> seconds(now, state.nextTry())), true);
    }

    private static @Nullable Number seconds(@Nullable Instant from, @Nullable Instant to) {
        return from == null || to == null ? null : Duration.between(from, to).toMillis() / 1000.0;
    }

    private static List<Row<?>> rows(List<KeyState> states, Function<KeyState, @Nullable Number> value) {
        return states.stream()
                .<@Nullable Row<?>>map(state -> {
                    Number number = value.apply(state);
                    return number == null ? null : Row.of(Tags.of("source", state.source()), number);
                })
                .filter(Objects::nonNull)
                .toList();
    }
}

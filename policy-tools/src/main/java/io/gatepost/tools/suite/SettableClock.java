package io.gatepost.tools.suite;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** The system's clock, or one that stands where it was set. Not thread-safe. */
final class SettableClock extends Clock {
    private @Nullable Instant at;

    /** Null: goes on as the system's. */
    void set(@Nullable Instant instant) {
        at = instant;
    }

    @Override
    public Instant instant() {
        return at == null ? Instant.now() : at;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("instants only");
    }
}

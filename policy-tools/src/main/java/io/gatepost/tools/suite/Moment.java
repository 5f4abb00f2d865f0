package io.gatepost.tools.suite;

import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Reads {@code at} of tests: when requests come. */
final class Moment {
    private static final int MAX = 64;

    private Moment() {}

    /** Null where it is absent, or wrong, which is told. */
    static @Nullable Instant of(Fields fields, Findings findings) {
        String text = fields.text("at", 1, MAX);
        Instant instant = text == null ? null : AskedRequest.instant(text);
        if (text != null && instant == null) {
            findings.error(fields.origin("at"), AskedRequest.NO_INSTANT + ", found `" + text + "`");
        }
        return instant;
    }
}

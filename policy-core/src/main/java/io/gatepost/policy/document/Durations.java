package io.gatepost.policy.document;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as Kubernetes documents write them: numbers with units, one after another. */
final class Durations {
    private static final Pattern PART = Pattern.compile("(\\d{1,9})(h|ms|m|s)");
    static final Pattern WHOLE = Pattern.compile("-?(" + PART.pattern() + "){1,4}");

    static final int MAX_LENGTH = 40;

    private Durations() {}

    /** The duration, or null where the text is none. */
    static @Nullable Duration parse(String text) {
        if (!WHOLE.matcher(text).matches()) {
            return null;
        }
        Duration total = Duration.ZERO;
        Matcher parts = PART.matcher(text);
        while (parts.find()) {
            total = total.plus(part(Long.parseLong(parts.group(1)), parts.group(2)));
        }
        return text.startsWith("-") ? total.negated() : total;
    }

    private static Duration part(long amount, String unit) {
        return switch (unit) {
            case "h" -> Duration.ofHours(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "s" -> Duration.ofSeconds(amount);
            default -> Duration.ofMillis(amount);
        };
    }

    static String format(Duration duration) {
        if (duration.toHours() > 0 && duration.toMinutesPart() == 0) {
            return "`" + duration.toHours() + "h`";
        }
        return duration.toMinutes() > 0 ? "`" + duration.toMinutes() + "m`" : "`" + duration.toSeconds() + "s`";
    }
}

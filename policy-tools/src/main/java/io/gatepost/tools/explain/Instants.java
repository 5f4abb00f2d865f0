package io.gatepost.tools.explain;

import io.gatepost.tools.explain.Candidates.Candidate;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Instants on both sides of what policies tell apart of time. Not instantiable. */
final class Instants {
    private Instants() {}

    /** Another hour of the day, another day of the week, and what a literal says, for somebody to try then. */
    static List<Candidate> near(@Nullable Object literal, Instant now) {
        Set<Object> instants = new LinkedHashSet<>();
        Instant hour = now.truncatedTo(ChronoUnit.HOURS);
        for (int hours = 1; hours <= 24; hours++) {
            instants.add(hour.plus(Duration.ofHours(hours)));
        }
        for (int days = 2; days <= 7; days++) {
            for (int hours = 0; hours < 24; hours += 6) {
                instants.add(hour.plus(Duration.ofDays(days)).plus(Duration.ofHours(hours)));
            }
        }
        if (literal != null) {
            addAround(literal, now, instants);
        }
        return instants.stream().map(one -> new Candidate(one, null)).toList();
    }

    /**
     * Adds the hours of a week, the half hours of zones that have them, and what else the expression asks for.
     *
     * @param text the expression
     * @param now where the week starts
     */
    static void addAround(String text, Instant now, Set<Object> instants) {
        Instant midnight = now.truncatedTo(ChronoUnit.DAYS);
        for (int quarter = 0; quarter < 7 * 24 * 4; quarter++) {
            Instant start = midnight.plus(Duration.ofMinutes(15L * quarter));
            instants.add(start);
            instants.add(start.minusSeconds(1));
        }
        if (text.contains("getMinutes") || text.contains("getSeconds")) {
            for (int second = 0; second < 3600; second += text.contains("getSeconds") ? 13 : 60) {
                instants.add(midnight.plusSeconds(12 * 3600L + second));
            }
        }
        if (text.contains("getDate")
                || text.contains("getDayOfMonth")
                || text.contains("getDayOfYear")
                || text.contains("getMonth")) {
            for (int day = 0; day < 366; day++) {
                instants.add(midnight.plus(Duration.ofDays(day)).plusSeconds(12 * 3600L));
                instants.add(midnight.plus(Duration.ofDays(day)));
            }
        }
    }

    private static void addHours(Instant midnight, Set<Object> instants) {
        for (int hour = 0; hour < 24; hour++) {
            instants.add(midnight.plus(Duration.ofHours(hour)));
        }
    }

    /** Adds the instant that a literal is, and its neighbours; years likewise. */
    static void addAround(Object literal, Instant now, Set<Object> instants) {
        if (literal instanceof Long year && year > 1970 && year < 9000) {
            for (int offset = -1; offset <= 1; offset++) {
                instants.add(now.atOffset(ZoneOffset.UTC)
                        .withYear(year.intValue() + offset)
                        .toInstant());
            }
        } else if (literal instanceof String text && text.length() >= 20) {
            try {
                Instant instant = OffsetDateTime.parse(text).toInstant();
                instants.add(instant);
                instants.add(instant.minusSeconds(1));
                instants.add(instant.plusSeconds(1));
                for (int day : new int[] {-400, -1, 0, 1, 400}) {
                    addHours(instant.truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(day)), instants);
                }
            } catch (DateTimeParseException other) {
                // Such as a time zone.
            }
        }
    }
}

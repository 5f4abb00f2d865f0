package io.gatepost.tools.diff;

import io.gatepost.policy.diagnostic.Origin;
import java.util.Locale;
import java.util.Objects;

/**
 * Something that one set of policies says and the other does not. Immutable.
 *
 * @param kind what became of it
 * @param text what it is, in one line
 * @param from where it was written; {@link Origin#CODE} for nowhere
 * @param to where it is written; {@link Origin#CODE} for nowhere
 */
public record Difference(Kind kind, String text, Origin from, Origin to) {
    public Difference {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
    }

    /** What became of something. */
    public enum Kind {
        /** It is new. */
        ADDED,
        /** It is gone. */
        REMOVED,
        /** It says something else. */
        CHANGED,
        /** It says the same with another action, or in another policy. */
        MOVED
    }

    @Override
    public String toString() {
        String places = (from.place().isEmpty() ? "" : " [" + from.place() + "]")
                + (to.place().isEmpty() ? "" : (from.place().isEmpty() ? " [" : " -> [") + to.place() + "]");
        return kind.name().toLowerCase(Locale.ROOT) + " " + text + places;
    }
}

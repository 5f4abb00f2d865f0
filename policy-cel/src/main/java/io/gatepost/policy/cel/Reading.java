package io.gatepost.policy.cel;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A value that expressions read, with what it weighs. For one thread. */
final class Reading {
    private static final int FEW = 8;
    private final @Nullable Object value;
    private final long weight;
    private @Nullable Set<Object> texts;

    /**
     * @param value as the evaluator has it, or a {@link Direct.Problem}; null where it takes the evaluator to tell
     * @param weight in steps
     */
    Reading(@Nullable Object value, long weight) {
        this.value = value;
        this.weight = weight;
    }

    @Nullable
    Object value() {
        return value;
    }

    long weight() {
        return weight;
    }

    /** Whether a text is among the elements of the value, a list. */
    boolean hasElement(String text) {
        List<?> elements = value instanceof ListValue list ? list.raw() : List.of();
        if (elements.size() <= FEW) {
            return elements.contains(text);
        }
        if (texts == null) {
            texts = new HashSet<>();
            for (Object element : elements) {
                if (element instanceof String) {
                    texts.add(element);
                }
            }
        }
        return texts.contains(text);
    }
}

package io.gatepost.policy.document;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The anchors of a document, and how many values its aliases stand for: each must be walked through later on. */
final class Anchors {
    static final int MAX_VALUES = 10_000;

    private final Map<String, Anchored> anchored = new HashMap<>();
    private int values;
    private int repeated;

    private record Anchored(Node node, int values) {}

    void clear() {
        anchored.clear();
        values = 0;
        repeated = 0;
    }

    /** How many values there are so far, those that aliases stand for included. */
    int count() {
        return values;
    }

    /** Counts a value that is complete, and keeps it where it has an anchor. */
    void add(@Nullable String name, Node node, int countBefore) {
        values++;
        if (name != null) {
            anchored.put(name, new Anchored(node, values - countBefore));
        }
    }

    /** What an alias stands for, or null; what is not complete yet is not there, so that nothing contains itself. */
    @Nullable
    Node get(String name) {
        Anchored found = anchored.get(name);
        if (found == null) {
            return null;
        }
        values += found.values();
        repeated += found.values();
        return found.node();
    }

    boolean isExhausted() {
        return repeated > MAX_VALUES;
    }
}

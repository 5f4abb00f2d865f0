package io.gatepost.policy.forward;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Headers that a request is given anew, one value each, by their names in any case: so few that a look at each finds
 * one sooner than a map. Not thread-safe.
 */
final class ToldHeaders {
    private final List<String> names = new ArrayList<>(6);
    private final List<String> values = new ArrayList<>(6);

    /** Tells one, instead of what was told under that name. */
    void put(String name, String value) {
        int at = indexOf(name);
        if (at < 0) {
            names.add(name);
            values.add(value);
        } else {
            values.set(at, value);
        }
    }

    /** Where a name stands; negative where it is not told. */
    int indexOf(String name) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    @Nullable
    String get(String name) {
        int at = indexOf(name);
        return at < 0 ? null : values.get(at);
    }

    int size() {
        return names.size();
    }

    String name(int at) {
        return names.get(at);
    }

    String value(int at) {
        return values.get(at);
    }
}

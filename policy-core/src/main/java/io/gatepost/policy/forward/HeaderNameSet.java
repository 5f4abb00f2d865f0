package io.gatepost.policy.forward;

import java.util.Arrays;

/** Names of headers that are known before any request, found in any case without a copy of the name. Immutable. */
final class HeaderNameSet {
    private static final String[] NONE = {};

    private final String[][] byLength;

    HeaderNameSet(String... names) {
        int longest = Arrays.stream(names).mapToInt(String::length).max().orElse(0);
        byLength = new String[longest + 1][];
        Arrays.setAll(
                byLength,
                length -> Arrays.stream(names)
                        .filter(name -> name.length() == length)
                        .toArray(String[]::new));
    }

    boolean contains(String name) {
        for (String one : name.length() < byLength.length ? byLength[name.length()] : NONE) {
            if (one.equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }
}

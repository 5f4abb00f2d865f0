package io.gatepost.policy.diagnostic;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds which known name was probably meant by an unknown one. Not instantiable. */
final class Suggestions {
    private static final int MAX_LENGTH = 60;

    private Suggestions() {}

    /** The nearest of the known names; of two that are equally near, the first by the alphabet. */
    static Optional<String> nearest(String written, Collection<String> known, int most) {
        return known.stream()
                .filter(name -> isNear(written, name) && distance(written, name) <= most)
                .min(Comparator.comparingInt((String name) -> distance(written, name))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** Whether about one letter in three differs, or fewer. */
    private static boolean isNear(String written, String name) {
        return written.length() <= MAX_LENGTH && distance(written, name) <= allowed(written);
    }

    /** Of one or two letters any name would be near. */
    private static int allowed(String written) {
        return Math.max(written.length() < 3 ? 0 : 1, written.length() / 3);
    }

    /** How many letters must be changed, added, left out or swapped with their neighbour; case does not count. */
    private static int distance(String written, String known) {
        String a = written.toLowerCase(Locale.ROOT);
        String b = known.toLowerCase(Locale.ROOT);
        int[][] distances = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                distances[i][j] = i == 0 || j == 0 ? i + j : least(distances, a, b, i, j);
            }
        }
        return distances[a.length()][b.length()];
    }

    private static int least(int[][] distances, String a, String b, int i, int j) {
        int change = distances[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int least = Math.min(change, Math.min(distances[i - 1][j], distances[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, distances[i - 2][j - 2] + 1) : least;
    }
}

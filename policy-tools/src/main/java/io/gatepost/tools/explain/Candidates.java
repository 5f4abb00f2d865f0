package io.gatepost.tools.explain;

import static io.gatepost.tools.explain.Paths.ABSENT;

import io.gatepost.policy.cel.Comparison;
import io.gatepost.policy.cel.Comparison.Relation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Values on both sides of what an expression compares with. */
final class Candidates {
    private static final String ANY = "any";
    private static final int LONGEST = 64;

    private Candidates() {}

    /**
     * A value to try.
     *
     * @param value the value, or {@link Paths#ABSENT}
     * @param wording how it is told; null: as the value itself
     */
    record Candidate(@Nullable Object value, @Nullable String wording) {}

    /** The values to try at a comparison's path, those that are meant by it first. */
    static List<Candidate> of(Comparison comparison, Scenario scenario) {
        Object current = Paths.read(scenario, comparison.path());
        List<Candidate> values = new ArrayList<>();
        Object literal = comparison.literal();
        switch (comparison.relation()) {
            case PRESENT -> values.addAll(presence(comparison.path(), current));
            case TRUE -> plain(values, true, false);
            case EQUAL -> {
                plain(values, literal);
                values.add(new Candidate(different(comparison.path(), literal), "other than " + Shown.of(literal)));
            }
            case ORDER -> addAround(literal, values);
            case SIZE -> addSizes(literal, current, values);
            case ELEMENT -> addElement(literal, current, values);
            case SAME -> addSame(Paths.read(scenario, String.valueOf(literal)), values);
            case SAME_ELEMENT -> addElement(Paths.read(scenario, String.valueOf(literal)), current, values);
            case OTHER -> addOther(literal, values);
            default -> addText(comparison.relation(), String.valueOf(literal), current, values);
        }
        values.add(new Candidate(ABSENT, null));
        Set<Object> known = new LinkedHashSet<>(Collections.singleton(current));
        values.removeIf(candidate -> !known.add(Objects.requireNonNullElse(candidate.value(), "null")));
        return values;
    }

    private static void plain(List<Candidate> values, @Nullable Object... plain) {
        for (Object value : plain) {
            values.add(new Candidate(value, null));
        }
    }

    private static List<Candidate> presence(String path, @Nullable Object current) {
        return current == ABSENT && (path.startsWith("jwt.") || path.startsWith("request.headers."))
                ? List.of(new Candidate(ANY, "of any value"))
                : List.of();
    }

    private static Object different(String path, @Nullable Object literal) {
        if (path.equals("request.method")) {
            return "GET".equals(literal) ? "POST" : "GET";
        }
        if (literal instanceof Boolean truth) {
            return !truth;
        }
        if (literal instanceof Long number) {
            return number + 1;
        }
        if (literal instanceof Double number) {
            return number + 1;
        }
        return path.equals("request.path") ? "/other" : path.startsWith("source.") ? "203.0.113.7" : "other";
    }

    private static void addAround(@Nullable Object literal, List<Candidate> values) {
        if (literal instanceof Long number) {
            plain(values, number, number + 1, number - 1);
        } else if (literal instanceof Double number) {
            plain(values, number, number + 1, number - 1);
        } else {
            plain(values, literal);
        }
    }

    private static void addSizes(@Nullable Object literal, @Nullable Object current, List<Candidate> values) {
        int middle = literal instanceof Long size && size < LONGEST ? size.intValue() : 0;
        for (int size : new int[] {middle, middle + 1, middle - 1}) {
            if (size >= 0) {
                Object value = current instanceof List<?> ? Collections.nCopies(size, ANY) : "x".repeat(size);
                values.add(new Candidate(value, "of size " + size));
                if (current == ABSENT) {
                    values.add(new Candidate(Collections.nCopies(size, ANY), "of size " + size));
                }
            }
        }
    }

    private static void addElement(@Nullable Object element, @Nullable Object current, List<Candidate> values) {
        if (element == ABSENT || element == null) {
            return;
        }
        List<Object> list = new ArrayList<>(current instanceof List<?> present ? present : List.of());
        if (list.contains(element)) {
            List<Object> without =
                    list.stream().filter(one -> !one.equals(element)).toList();
            values.add(new Candidate(without, "without " + Shown.of(element)));
        } else {
            list.add(element);
            values.add(new Candidate(list, "with " + Shown.of(element) + " in it"));
        }
        if (current instanceof Map<?, ?>) {
            values.add(new Candidate(Map.of(element, true), "with a member " + Shown.of(element)));
        }
    }

    private static void addSame(@Nullable Object other, List<Candidate> values) {
        if (other instanceof List<?> several) {
            several.forEach(one -> plain(values, one));
        } else if (other instanceof Map<?, ?> map) {
            map.keySet().forEach(one -> plain(values, one));
        } else if (other != ABSENT) {
            plain(values, other);
        }
    }

    private static void addOther(@Nullable Object literal, List<Candidate> values) {
        if (literal instanceof String text && text.matches("[0-9a-fA-F.:]+/\\d+")) {
            String inside = text.substring(0, text.indexOf('/'));
            values.add(new Candidate(inside, "within " + text));
            values.add(new Candidate("203.0.113.7", "outside of " + text));
        } else {
            plain(values, literal);
        }
    }

    private static void addText(Relation relation, String literal, @Nullable Object current, List<Candidate> values) {
        switch (relation) {
            case STARTS_WITH -> {
                values.add(new Candidate(literal, "that begins with " + Shown.of(literal)));
                values.add(new Candidate(literal + "x", "that begins with " + Shown.of(literal)));
            }
            case ENDS_WITH -> {
                values.add(new Candidate(literal, "that ends with " + Shown.of(literal)));
                values.add(new Candidate("x" + literal, "that ends with " + Shown.of(literal)));
            }
            case CONTAINS -> {
                values.add(new Candidate(literal, "that contains " + Shown.of(literal)));
                addElement(literal, current == ABSENT || current instanceof List<?> ? current : List.of(), values);
            }
            default -> {
                String sample = Samples.of(literal);
                if (sample != null) {
                    values.add(new Candidate(sample, "that matches " + Shown.of(literal)));
                }
            }
        }
        String negation = relation == Relation.MATCHES ? "that does not match " : "other than with ";
        values.add(new Candidate("other", negation + Shown.of(literal)));
        values.add(new Candidate("/other", negation + Shown.of(literal)));
    }
}

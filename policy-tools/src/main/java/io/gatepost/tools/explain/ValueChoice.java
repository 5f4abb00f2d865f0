package io.gatepost.tools.explain;

import static io.gatepost.tools.explain.Paths.ABSENT;

import io.gatepost.policy.cel.Comparison;
import io.gatepost.policy.cel.Comparison.Relation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a value may be: on both sides of all that is compared with it, and of every type. Not thread-safe. */
final class ValueChoice {
    private static final int PAIRED = 8;
    private static final int SHARED = 36;
    private static final int LONGEST = 64;
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS");

    private final String path;
    private final Instant now;
    private final Scenario start;
    private final Set<Object> values = new LinkedHashSet<>();
    private final Set<String> texts = new LinkedHashSet<>();
    private final Set<Object> shared = new LinkedHashSet<>();
    private final Set<Double> numbers = new TreeSet<>();

    /**
     * @param path where the value stands
     * @param start what has another value there now
     */
    ValueChoice(String path, Scenario start, Instant now) {
        this.path = path;
        this.start = start;
        this.now = now;
    }

    /** Takes up what an expression compares with the value. */
    void add(Comparison comparison, String expression) {
        Object literal = comparison.literal();
        Relation relation = comparison.relation();
        if (path.equals("request.startTime")) {
            if (values.isEmpty()) {
                Instants.addAround(expression, now, values);
            }
            if (literal != null) {
                Instants.addAround(literal, now, values);
            }
            return;
        }
        Candidates.of(comparison, start).forEach(candidate -> {
            if (candidate.value() != null) {
                values.add(candidate.value());
            }
        });
        if (literal instanceof String text && relation != Relation.SAME && relation != Relation.SAME_ELEMENT) {
            addText(text, relation);
        } else if (literal instanceof Number number) {
            addNumber(number.doubleValue(), relation);
        }
    }

    private void addText(String text, Relation relation) {
        if (relation == Relation.MATCHES) {
            Samples.all(text).forEach(sample -> {
                texts.add(sample);
                values.addAll(List.of(sample, sample + "x", "x" + sample));
            });
        } else {
            texts.add(text);
        }
        if (path.startsWith("source.")) {
            Addresses.addAround(text, values);
        }
    }

    private void addNumber(double number, Relation relation) {
        numbers.add(number);
        if (relation == Relation.SIZE && number < LONGEST) {
            for (int size = Math.max(0, (int) number - 1); size <= number + 1; size++) {
                values.add("x".repeat(size));
                values.add(Collections.nCopies(size, "any"));
            }
        }
    }

    /** Takes up what the other is compared with, since the two are compared with each other. */
    void share(ValueChoice other) {
        List<String> both = Stream.of(texts.stream(), other.texts.stream(), Stream.of("any", "other"))
                .flatMap(each -> each)
                .distinct()
                .flatMap(text -> Stream.of(text, text + "x", "x" + text))
                .limit(SHARED)
                .toList();
        shared.addAll(both);
        other.shared.addAll(both);
    }

    /** What is kept though nothing tells it apart yet. */
    Set<Object> shared() {
        return shared;
    }

    /** All of them; what can't be written is left out by who tries. */
    List<Object> all() {
        if (path.equals("request.startTime")) {
            return List.copyOf(values);
        }
        if (path.equals("source.address") || path.equals("source.rawAddress")) {
            values.addAll(Addresses.USUAL);
            values.removeIf(value -> !Addresses.isAddress(value));
            return List.copyOf(values);
        }
        values.addAll(shared);
        numbers.forEach(this::addAround);
        List<Double> sorted = List.copyOf(numbers);
        for (int i = 1; i < sorted.size(); i++) {
            addAround(Math.floor((sorted.get(i - 1) + sorted.get(i)) / 2));
        }
        List<String> known = List.copyOf(texts);
        known.forEach(this::addLike);
        List<String> few = known.subList(0, Math.min(PAIRED, known.size()));
        few.forEach(one -> few.forEach(other -> addPair(one, other)));
        values.add(ABSENT);
        addUsual();
        return List.copyOf(values);
    }

    private void addAround(double number) {
        for (double near : new double[] {number, number - 1, number + 1}) {
            if (near == Math.rint(near) && Math.abs(near) < 1L << 53) {
                values.add((long) near);
                values.add(String.valueOf((long) near));
            } else {
                values.add(near);
                values.add(String.valueOf(near));
            }
        }
        values.add(number + 0.5);
    }

    private void addLike(String text) {
        values.addAll(List.of(text, text + "x", "x" + text, text + "/x", "x." + text, "any@" + text));
        values.addAll(List.of(text.toUpperCase(Locale.ROOT), text.toLowerCase(Locale.ROOT), "x" + text + "x"));
        if (text.length() > 1) {
            values.add(text.substring(0, text.length() - 1));
            values.add(text.substring(1));
        }
        if (path.startsWith("request.path") || path.equals("request.uri")) {
            values.addAll(List.of("/" + text, "/x" + text, "/x/" + text, "/" + text + "/x"));
        }
        values.addAll(List.of(List.of(text), List.of("any", text), Map.of(text, true)));
    }

    /** A text that begins with the one and ends with the other; a list that has both. */
    private void addPair(String one, String other) {
        if (!one.equals(other)) {
            values.addAll(List.of(one + other, one + "x" + other, one + " " + other, one + "=" + other));
            values.add(List.of(one, other));
            if (path.startsWith("request.pathAndQuery") || path.equals("request.uri")) {
                values.add("/x?" + one + "=" + other);
            }
        }
    }

    private void addUsual() {
        switch (path) {
            case "request.method" -> values.addAll(METHODS);
            case "request.scheme" -> values.addAll(List.of("http", "https"));
            case "request.path" -> values.addAll(List.of("/", "/other", "/other/x"));
            case "request.version" -> values.addAll(List.of("HTTP/1.1", "HTTP/2"));
            default -> values.addAll(List.of("any", "other", "", true, false, 1L, List.of(), List.of("any"), Map.of()));
        }
    }

    /** Lists of one and of two elements that have these members. */
    static List<Object> lists(Map<String, List<Object>> members) {
        List<Object> elements = new ArrayList<>();
        for (Map.Entry<String, List<Object>> member : members.entrySet()) {
            List<Object> more = new ArrayList<>();
            for (Object value :
                    member.getValue().subList(0, Math.min(12, member.getValue().size()))) {
                elements.stream()
                        .filter(Map.class::isInstance)
                        .limit(24)
                        .forEach(one -> more.add(with(one, member.getKey(), value)));
                more.add(with(null, member.getKey(), value));
            }
            elements.addAll(more);
        }
        List<Object> lists = new ArrayList<>(List.of(List.of()));
        elements.stream().filter(one -> one != ABSENT).forEach(one -> lists.add(List.of(one)));
        List<Object> few =
                elements.stream().filter(one -> one != ABSENT).limit(10).toList();
        few.forEach(one -> few.forEach(other -> lists.add(List.of(one, other))));
        return lists;
    }

    private static Object with(@Nullable Object element, String member, Object value) {
        if (member.isEmpty() || value == ABSENT) {
            return element != null && value == ABSENT ? element : value;
        }
        Map<Object, Object> copy = new LinkedHashMap<>(element instanceof Map<?, ?> map ? map : Map.of());
        copy.put(member, value);
        return Map.copyOf(copy);
    }
}

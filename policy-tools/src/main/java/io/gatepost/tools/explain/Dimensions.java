package io.gatepost.tools.explain;

import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.cel.Comparison;
import io.gatepost.policy.expression.InvalidExpressionException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What made-up requests differ in: everything that either side compares, in as many values as some comparison tells
 * apart. Not instantiable.
 */
final class Dimensions {
    /** Of values that comparisons of several paths are made with, since others may make a difference then. */
    private static final int ALIKE = 3;

    private static final Pattern WRITTEN = Pattern.compile(
            "jwt\\..+|llm\\.(params\\..+|requestModel|streaming)"
                    + "|request\\.(headers\\..+|method|scheme|host|path|pathAndQuery|uri|body|version|startTime)|source\\.\\w+");

    private Dimensions() {}

    static List<Comparison> comparisons(Collection<Atom> atoms, CelExpressionCompiler compiler) {
        return atoms.stream()
                .flatMap(atom -> comparisons(atom, compiler).stream())
                .toList();
    }

    private static List<Comparison> comparisons(Atom atom, CelExpressionCompiler compiler) {
        try {
            return compiler.comparisons(atom.text());
        } catch (InvalidExpressionException e) {
            throw new IllegalStateException("a part of an expression can't be compiled", e);
        }
    }

    /**
     * All that is compared.
     *
     * @param start a request with claims, from which the values are tried
     * @param sound whether a request can come at all, and by the same route
     */
    static List<Dimension> of(
            Collection<Atom> atoms,
            CelExpressionCompiler compiler,
            Scenario start,
            Instant now,
            Predicate<Scenario> sound) {
        Map<String, List<Object>> values = new LinkedHashMap<>();
        Map<String, ValueChoice> choices = choices(atoms, compiler, start, now);
        choices.forEach((path, choice) -> values.put(path, choice.all()));
        addLists(values);
        List<Dimension> dimensions = new ArrayList<>();
        values.forEach((path, all) -> {
            Dimension dimension = new Dimension(path, startingWithNone(all));
            ValueChoice choice = choices.get(path);
            Set<Object> kept = choice == null ? Set.of() : choice.shared();
            dimensions.add(new Dimension(path, toldApart(dimension, kept, atoms, start, sound, values.keySet())));
        });
        return FlipSearch.ordered(dimensions.stream()
                .filter(dimension -> dimension.values().size() > 1)
                .toList());
    }

    private static List<@Nullable Object> startingWithNone(List<Object> all) {
        List<@Nullable Object> values = new ArrayList<>();
        values.add(null);
        values.addAll(all);
        return values;
    }

    private static Map<String, ValueChoice> choices(
            Collection<Atom> atoms, CelExpressionCompiler compiler, Scenario start, Instant now) {
        Map<String, ValueChoice> choices = new LinkedHashMap<>();
        for (Atom atom : atoms) {
            for (Comparison comparison : comparisons(atom, compiler)) {
                for (Comparison one : written(comparison)) {
                    if (WRITTEN.matcher(one.path()).matches()
                            && !Bearings.JUDGED.contains(one.path().replaceFirst("^jwt\\.", ""))) {
                        choices.computeIfAbsent(one.path(), path -> new ValueChoice(path, start, now))
                                .add(one, atom.text());
                    }
                }
            }
        }
        for (Atom atom : atoms) {
            comparisons(atom, compiler).stream()
                    .filter(one -> one.relation() == Comparison.Relation.SAME
                            || one.relation() == Comparison.Relation.SAME_ELEMENT)
                    .forEach(one -> {
                        ValueChoice here = choices.get(one.path());
                        ValueChoice there = choices.get(String.valueOf(one.literal()));
                        if (here != null && there != null) {
                            here.share(there);
                        }
                    });
        }
        return choices;
    }

    /** A member of all headers, or of all claims, is one of them; so is a scope of a token. */
    private static List<Comparison> written(Comparison comparison) {
        boolean whole = comparison.path().equals("jwt") || comparison.path().equals("request.headers");
        if (!whole || !(comparison.literal() instanceof String name)) {
            return List.of(comparison);
        }
        List<Comparison> several = new ArrayList<>(
                List.of(new Comparison(comparison.path() + "." + name, Comparison.Relation.PRESENT, null)));
        if (comparison.path().equals("jwt")) {
            several.add(new Comparison("jwt.scope", Comparison.Relation.EQUAL, name));
            several.add(new Comparison("jwt.scp", Comparison.Relation.ELEMENT, name));
        }
        return several;
    }

    /** What is compared of elements is a matter of the list that they stand in. */
    private static void addLists(Map<String, List<Object>> values) {
        Map<String, Map<String, List<Object>>> members = new LinkedHashMap<>();
        values.forEach((path, all) -> {
            int end = path.indexOf("[]");
            if (end > 0) {
                String member = path.substring(end + 2).replaceFirst("^\\.", "");
                members.computeIfAbsent(path.substring(0, end), absent -> new LinkedHashMap<>())
                        .put(member, all);
            }
        });
        values.keySet().removeIf(path -> path.contains("[]"));
        members.forEach((path, all) -> {
            List<Object> lists = new ArrayList<>(ValueChoice.lists(all));
            lists.addAll(values.getOrDefault(path, List.of(Paths.ABSENT)));
            values.put(path, lists);
        });
    }

    private static boolean mayBeUnsound(Dimension dimension) {
        return dimension.path().startsWith("request.")
                && !dimension.path().equals("request.startTime")
                && !dimension.path().equals("request.body");
    }

    /** One value of those that no comparison tells apart. */
    private static List<@Nullable Object> toldApart(
            Dimension dimension,
            Set<Object> always,
            Collection<Atom> atoms,
            Scenario start,
            Predicate<Scenario> sound,
            Collection<String> paths) {
        List<Atom> seeing = atoms.stream()
                .filter(atom -> atom.reads().stream().anyMatch(dimension::isSeenBy))
                .toList();
        boolean several = seeing.stream()
                .anyMatch(atom -> paths.stream()
                        .filter(path -> !path.equals(dimension.path()))
                        .map(path -> new Dimension(path, List.of()))
                        .anyMatch(other -> atom.reads().stream().anyMatch(other::isSeenBy)));
        List<@Nullable Object> kept = new ArrayList<>();
        Map<String, Integer> known = new LinkedHashMap<>();
        for (int i = 0; i < dimension.values().size(); i++) {
            Scenario scenario = dimension.apply(start, i);
            if (scenario == null || (i > 0 && mayBeUnsound(dimension) && !sound.test(scenario))) {
                continue;
            }
            StringBuilder told = new StringBuilder();
            seeing.forEach(atom -> told.append(atom.on(scenario)).append(' '));
            Object value = dimension.values().get(i);
            boolean first = known.merge(told.toString(), 1, Integer::sum) <= (several ? ALIKE : 1);
            if (first || (value != null && always.contains(value))) {
                kept.add(value);
            }
        }
        return kept;
    }
}

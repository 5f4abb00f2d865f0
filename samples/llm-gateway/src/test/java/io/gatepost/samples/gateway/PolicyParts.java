package io.gatepost.samples.gateway;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a policy as its records declare them, with those of the records within: all components, but for where
 * they are written. A part is called by its record and its name, such as {@code JwtProvider.issuer}.
 */
final class PolicyParts {
    private PolicyParts() {}

    /** A policy in which one part says something else. */
    record Change(List<String> path, TrafficPolicy changed) {
        @Override
        public String toString() {
            return String.join(" > ", path);
        }
    }

    /** All parts that a policy can have, but for these and what is only within them. */
    static Set<String> all(Set<String> leftOut) {
        Set<String> parts = new LinkedHashSet<>();
        addAll(TrafficPolicy.class, leftOut, parts);
        return parts;
    }

    private static void addAll(Class<?> type, Set<String> leftOut, Set<String> parts) {
        if (type.isSealed()) {
            Arrays.stream(type.getPermittedSubclasses()).forEach(variant -> addAll(variant, leftOut, parts));
        } else if (type.isRecord()) {
            for (RecordComponent component : components(type)) {
                String name = name(type, component);
                if (!leftOut.contains(name) && parts.add(name)) {
                    held(component.getGenericType()).forEach(held -> addAll(held, leftOut, parts));
                }
            }
        }
    }

    private static Stream<Class<?>> held(Type type) {
        return type instanceof ParameterizedType container
                ? Arrays.stream(container.getActualTypeArguments()).flatMap(PolicyParts::held)
                : Stream.of((Class<?>) type);
    }

    private static String name(Class<?> type, RecordComponent component) {
        return type.getSimpleName() + "." + component.getName();
    }

    static List<RecordComponent> components(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .filter(component -> component.getType() != Origin.class)
                .filter(component ->
                        type != MatchExpression.class || !component.getName().equals("runs"))
                .toList();
    }

    /** All values in a policy, by their parts. */
    static void values(Record whole, BiConsumer<String, @Nullable Object> seen) {
        for (RecordComponent component : components(whole.getClass())) {
            Object value = value(whole, component);
            seen.accept(name(whole.getClass(), component), value);
            within(value).forEach(record -> values(record, seen));
        }
    }

    private static Stream<Record> within(@Nullable Object value) {
        return value instanceof Record record
                ? Stream.of(record)
                : value instanceof Collection<?> several
                        ? several.stream().filter(Record.class::isInstance).map(Record.class::cast)
                        : Stream.of();
    }

    /** The policy with each of its parts changed, and the parts of its parts, one at a time. */
    static List<Change> changes(TrafficPolicy policy) {
        List<Change> changes = new ArrayList<>();
        change(policy, (path, changed) -> changes.add(new Change(path, (TrafficPolicy) changed)));
        return changes;
    }

    private static void change(Record whole, BiConsumer<List<String>, Object> changed) {
        for (RecordComponent component : components(whole.getClass())) {
            String name = name(whole.getClass(), component);
            Object value = value(whole, component);
            BiConsumer<List<String>, @Nullable Object> put = (inner, part) -> {
                Object copy = copy(whole, component, part);
                if (copy != null) {
                    changed.accept(
                            Stream.concat(Stream.of(name), inner.stream()).toList(), copy);
                }
            };
            if (value instanceof Record record) {
                change(record, put);
            } else if (value instanceof List<?> list && within(list).findFirst().isPresent()) {
                change(within(list).findFirst().orElseThrow(), (inner, part) -> put.accept(inner, List.of(part)));
            } else {
                others(component, value).forEach(other -> put.accept(List.of(), other));
            }
        }
    }

    /** Other values than this one, some of them such as lint looks for. */
    private static List<@Nullable Object> others(RecordComponent component, @Nullable Object value) {
        Class<?> type = component.getType();
        List<@Nullable Object> others = new ArrayList<>();
        if (type.isEnum()) {
            others.addAll(Arrays.asList(type.getEnumConstants()));
        } else if (type == String.class) {
            others.addAll(strings(component.getDeclaringRecord(), value));
        } else if (type == Boolean.class || type == boolean.class) {
            others.addAll(List.of(true, false));
        } else if (type == Integer.class || type == int.class) {
            others.addAll(List.of(1, 2));
        } else if (type == Duration.class) {
            others.addAll(List.of(Duration.ofSeconds(1), Duration.ofHours(1)));
        } else if (type == Path.class) {
            others.add(Path.of("elsewhere", "keys.json"));
        } else if (type == URI.class) {
            others.addAll(List.of(URI.create("https://other.example.com/"), URI.create("http://other.example.com/")));
        } else if (type == Map.class) {
            others.add(Map.of("other", "value"));
        } else if (type == Set.class) {
            others.addAll(List.of(Set.of("other"), Set.of()));
        } else if (type == List.class && held(component.getGenericType()).allMatch(held -> held == String.class)) {
            others.addAll(List.of(List.of("other"), List.of()));
        } else if (value != null && !(value instanceof Collection<?>)) {
            throw new AssertionError("say what another " + type + " is, for " + component);
        }
        others.removeIf(other -> other == null || other.equals(value));
        if (value != null && isNullable(component)) {
            others.add(null);
        }
        return others;
    }

    private static List<String> strings(Class<?> of, @Nullable Object value) {
        if (of == MatchExpression.class) {
            return List.of(
                    value + " && true",
                    "jwt.email == \"a@example.com\"",
                    "request.headers[\"x-api-key\"] == \"" + PolicyWalks.SECRET + "\"");
        }
        if (value instanceof String text && text.startsWith("{\"keys\"")) {
            return List.of("{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"AAAA\"}]}");
        }
        return List.of(value == null ? "other" : value + "x", "http://other.example.com");
    }

    private static boolean isNullable(RecordComponent component) {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    static @Nullable Object value(Record whole, RecordComponent component) {
        try {
            return component.getAccessor().invoke(whole);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    /** Null where such a record can't be. */
    private static @Nullable Object copy(Record whole, RecordComponent changed, @Nullable Object part) {
        RecordComponent[] components = whole.getClass().getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        @Nullable
        Object[] parts = Arrays.stream(components)
                .map(one -> one.getName().equals(changed.getName()) ? part : value(whole, one))
                .toArray();
        try {
            return whole.getClass().getDeclaredConstructor(types).newInstance(parts);
        } catch (InvocationTargetException refused) {
            return null;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}

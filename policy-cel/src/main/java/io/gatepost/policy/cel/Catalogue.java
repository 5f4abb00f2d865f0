package io.gatepost.policy.cel;

import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.StructType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All that an expression can name, for editors and pages: names, types and overloads as the compiler declares them,
 * each with a line of text and an example. Immutable and thread-safe.
 */
public final class Catalogue {
    /** What a name stands for. */
    public enum Kind {
        /** Such as {@code request}. */
        VARIABLE,
        /** Such as {@code request.path}. */
        FIELD,
        /** A function, called on a value or not, or a macro. */
        FUNCTION
    }

    /**
     * One name, or one more use of it.
     *
     * @param kind what it stands for
     * @param name the name; of a field with the variable's before it, of a function with its namespace
     * @param form how it is written, such as {@code s.indexOf(p[, start])}
     * @param signatures its type, or the overloads such as {@code string.indexOf(string, int): int}; of a macro none
     * @param description what it is or gives
     * @param example an expression with it, on the request of {@code docs/authorization.md}
     * @param value the example's value as JSON, or {@code error}
     */
    public record Entry(
            Kind kind,
            String name,
            String form,
            List<String> signatures,
            String description,
            String example,
            String value) {
        public Entry {
            signatures = List.copyOf(signatures);
        }
    }

    private static final List<Entry> ENTRIES = List.copyOf(read());

    private Catalogue() {}

    /**
     * The catalogue.
     *
     * @return variables with their fields, then functions, in the order of the documentation
     */
    public static List<Entry> entries() {
        return ENTRIES;
    }

    /** The names that the compiler declares: variables, fields and functions. */
    static Set<String> declared() {
        Variables variables = new Variables(Set.of());
        return ImmutableSet.<String>builder()
                .addAll(types(variables).keySet())
                .addAll(functions(variables).names())
                .build();
    }

    private static Functions functions(Variables variables) {
        return new Functions(variables.declared().keySet(), variables.nullable());
    }

    private static List<Entry> read() {
        Variables variables = new Variables(Set.of());
        Map<String, CelType> types = types(variables);
        Map<String, List<CelOverloadDecl>> overloads = functions(variables).overloads();
        List<Entry> entries = new ArrayList<>();
        for (String[] row : rows("variables.tsv")) {
            Kind kind = row[0].contains(".") ? Kind.FIELD : Kind.VARIABLE;
            CelType type = types.get(row[0]);
            List<String> signatures = List.of(type == null ? "any" : spoken(type));
            entries.add(new Entry(kind, row[0], row[0], signatures, row[1], row[2], row[3]));
        }
        for (String[] row : rows("functions.tsv")) {
            String name = name(row[0]);
            List<String> signatures = overloads.getOrDefault(name, List.of()).stream()
                    .map(overload -> signature(name, overload))
                    .distinct()
                    .toList();
            entries.add(new Entry(Kind.FUNCTION, name, row[0], signatures, row[1], row[2], row[3]));
        }
        return entries;
    }

    /** Every variable, and every field that is declared behind it. */
    private static Map<String, CelType> types(Variables variables) {
        Map<String, CelType> types = new LinkedHashMap<>();
        variables.declared().forEach((name, type) -> addTypes(name, type, types));
        return types;
    }

    private static void addTypes(String name, CelType type, Map<String, CelType> types) {
        types.put(name, type);
        if (type instanceof StructType structure) {
            structure.fields().forEach(field -> addTypes(name + "." + field.name(), field.type(), types));
        }
    }

    /** A single letter before the dot is a value, anything longer a namespace. */
    private static String name(String form) {
        String called = form.substring(0, form.indexOf('('));
        return called.indexOf('.') == 1 ? called.substring(2) : called;
    }

    private static String signature(String name, CelOverloadDecl overload) {
        List<String> parameters =
                overload.parameterTypes().stream().map(Catalogue::spoken).toList();
        int first = overload.isInstanceFunction() ? 1 : 0;
        return (first == 1 ? parameters.get(0) + "." : "") + name + "("
                + String.join(", ", parameters.subList(first, parameters.size())) + "): "
                + spoken(overload.resultType());
    }

    private static String spoken(CelType type) {
        String parameters = type.parameters().stream().map(Catalogue::spoken).collect(Collectors.joining(", "));
        return switch (type.kind()) {
            case DYN, TYPE_PARAM -> "any";
            case STRUCT -> "structure";
            case TIMESTAMP -> "timestamp";
            case DURATION -> "duration";
            case LIST, MAP -> type.name() + "(" + parameters + ")";
            case OPAQUE ->
                type.name().startsWith("optional")
                        ? "optional(" + parameters + ")"
                        : type.name()
                                .substring(type.name().lastIndexOf('.') + 1)
                                .toLowerCase(Locale.ROOT);
            default -> type.name();
        };
    }

    private static List<String[]> rows(String resource) {
        try (InputStream file = Catalogue.class.getResourceAsStream(resource)) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

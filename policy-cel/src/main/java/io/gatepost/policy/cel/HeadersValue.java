package io.gatepost.policy.cel;

import dev.cel.common.exceptions.CelAttributeNotFoundException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.SelectableValue;
import io.gatepost.policy.PolicyRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request's headers, looked up in place; names in any case. As they are, the index form gives the first value, the
 * field form the value, or all of them as a list where there are several; in another form both give that
 * ({@code docs/authorization.md#variables}).
 */
// What it shows does not change while an expression is evaluated; no one can tell the compiler.
@SuppressWarnings("Immutable")
final class HeadersValue extends MapValue implements SelectableValue<String> {
    static final CelType TYPE = MapType.create(SimpleType.STRING, SimpleType.DYN);
    private static final Set<String> SECRET =
            Set.of("authorization", "proxy-authorization", "cookie", "x-api-key", "api-key");

    /** How values are shown. */
    enum Form {
        /** One value as a string, several as a list. */
        PLAIN,
        /** Always a list, a value of it for each header line. */
        RAW,
        /** One string, the values with commas between them. */
        JOINED,
        /** Always a list, values parted at commas. */
        SPLIT
    }

    private final PolicyRequest request;
    private final Form form;
    private final boolean redacted;

    HeadersValue(PolicyRequest request) {
        this(request, Form.PLAIN, false);
    }

    private HeadersValue(PolicyRequest request, Form form, boolean redacted) {
        super(Map.of());
        this.request = request;
        this.form = form;
        this.redacted = redacted;
    }

    HeadersValue as(Form other) {
        return new HeadersValue(request, other, redacted);
    }

    HeadersValue redacted() {
        return new HeadersValue(request, form, true);
    }

    /** The first cookie of this name; a failure where there is none. */
    String cookie(String name) {
        List<String> lines = values("cookie");
        charge(lines, CelLimits.PARSED_PER_STEP);
        return lines.stream()
                .flatMap(line -> parted(line, ';').stream())
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> pair.substring(name.length() + 1))
                .findFirst()
                .orElseThrow(() -> CelAttributeNotFoundException.forMissingMapKey(name));
    }

    private static void charge(List<String> lines, int charactersPerStep) {
        Evaluation.charge(lines.stream().mapToLong(String::length).sum() / charactersPerStep);
    }

    /** The parts without the blanks around them, each charged for. */
    private static List<String> parted(String line, char separator) {
        List<String> parts = new ArrayList<>();
        int end;
        for (int start = 0; start <= line.length(); start = end + 1) {
            Evaluation.charge(1);
            int found = line.indexOf(separator, start);
            end = found < 0 ? line.length() : found;
            parts.add(line.substring(start, end).strip());
        }
        return parts;
    }

    private List<String> values(String name) {
        List<String> values = request.headers(name);
        return redacted && SECRET.contains(name.toLowerCase(Locale.ROOT))
                ? values.stream().map(value -> RedactedValue.SHOWN).toList()
                : values;
    }

    private Object shown(List<String> values) {
        return switch (form) {
            case PLAIN -> values.size() == 1 ? values.get(0) : new ListValue(values);
            case RAW -> new ListValue(values);
            case JOINED -> {
                charge(values, CelLimits.CHARACTERS_PER_STEP);
                yield String.join(",", values);
            }
            case SPLIT -> {
                charge(values, CelLimits.PARSED_PER_STEP);
                yield new ListValue(values.stream()
                        .flatMap(value -> parted(value, ',').stream())
                        .toList());
            }
        };
    }

    @Override
    public Object select(String name) {
        return find(name).orElseThrow(() -> CelAttributeNotFoundException.forMissingMapKey(name));
    }

    @Override
    public Optional<Object> find(String name) {
        List<String> values = values(name);
        return values.isEmpty() ? Optional.empty() : Optional.of(shown(values));
    }

    @Override
    public boolean containsKey(Object key) {
        return key instanceof String name && !request.headers(name).isEmpty();
    }

    @Override
    public @Nullable Object get(Object key) {
        if (!containsKey(key)) {
            return null;
        }
        List<String> values = values((String) key);
        return form == Form.PLAIN ? values.get(0) : shown(values);
    }

    @Override
    public int size() {
        return request.headerNames().size();
    }

    @Override
    public boolean isEmpty() {
        return request.headerNames().isEmpty();
    }

    @Override
    public Set<Object> keySet() {
        return all().keySet();
    }

    @Override
    public Collection<Object> values() {
        return all().values();
    }

    @Override
    public Set<Entry<Object, Object>> entrySet() {
        return all().entrySet();
    }

    @Override
    Map<?, ? extends @Nullable Object> raw() {
        return all().raw();
    }

    private MapValue all() {
        Evaluation.charge(2L * size());
        Map<String, Object> all = new LinkedHashMap<>();
        request.headerNames().forEach(name -> all.put(name.toLowerCase(Locale.ROOT), shown(values(name))));
        return new MapValue(all);
    }
}

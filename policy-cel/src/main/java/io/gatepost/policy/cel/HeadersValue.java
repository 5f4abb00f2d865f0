package io.gatepost.policy.cel;

import dev.cel.common.exceptions.CelAttributeNotFoundException;
import dev.cel.common.values.SelectableValue;
import io.gatepost.policy.PolicyRequest;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A request's headers, looked up in place; names in any case. The index form gives the first value, the field form the
 * value, or all of them as a list where there are several (reference section 3.1).
 */
// What it shows does not change while an expression is evaluated; no one can tell the compiler.
@SuppressWarnings("Immutable")
final class HeadersValue extends MapValue implements SelectableValue<String> {
    private final PolicyRequest request;

    HeadersValue(PolicyRequest request) {
        super(Map.of());
        this.request = request;
    }

    private static Object oneOrAll(List<String> values) {
        return values.size() == 1 ? values.get(0) : new ListValue(values);
    }

    /** The same headers with each name's values shown in another way, in the index form too. */
    MapValue shown(Function<List<String>, Object> view) {
        Map<String, Object> shown = new LinkedHashMap<>();
        request.headerNames()
                .forEach(name -> shown.put(name.toLowerCase(Locale.ROOT), view.apply(request.headers(name))));
        return new View(shown);
    }

    PolicyRequest request() {
        return request;
    }

    @Override
    public Object select(String name) {
        return find(name).orElseThrow(() -> CelAttributeNotFoundException.forMissingMapKey(name));
    }

    @Override
    public Optional<Object> find(String name) {
        List<String> values = request.headers(name);
        return values.isEmpty() ? Optional.empty() : Optional.of(oneOrAll(values));
    }

    @Override
    public boolean containsKey(Object key) {
        return key instanceof String name && !request.headers(name).isEmpty();
    }

    @Override
    public @Nullable Object get(Object key) {
        return containsKey(key) ? request.headers((String) key).get(0) : null;
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

    private MapValue all() {
        return shown(HeadersValue::oneOrAll);
    }

    /** Headers in another form, still in any case. */
    private static final class View extends MapValue {
        View(Map<String, Object> shown) {
            super(shown);
        }

        @Override
        public boolean containsKey(Object key) {
            return key instanceof String name && super.containsKey(name.toLowerCase(Locale.ROOT));
        }

        @Override
        public @Nullable Object get(Object key) {
            return key instanceof String name ? super.get(name.toLowerCase(Locale.ROOT)) : null;
        }
    }
}

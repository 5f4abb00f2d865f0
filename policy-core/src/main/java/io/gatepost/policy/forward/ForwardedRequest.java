package io.gatepost.policy.forward;

import io.gatepost.policy.request.RequestSyntax;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an upstream is sent, besides the body: nothing but what a request to it may consist of, since it is written into
 * a connection that others use too. Its text form holds no header.
 *
 * @param target path and query
 * @param fields all headers in the order in which they are sent; {@code Host} is among them, what says how the body is
 *     framed is not
 */
public record ForwardedRequest(String target, List<Field> fields) {
    /** @throws IllegalArgumentException where the target would be read as something else */
    public ForwardedRequest {
        if (!isTarget(target)) {
            throw new IllegalArgumentException("a target is a path with an optional query, without blanks");
        }
        fields = List.copyOf(fields);
    }

    /**
     * One line of a head. Its text form holds no value.
     *
     * @param name the header's name as it is sent
     * @param value one value, an octet a character
     */
    public record Field(String name, String value) {
        /** @throws IllegalArgumentException where either would be read as something else */
        public Field {
            if (!RequestSyntax.isToken(name) || !RequestSyntax.isFieldValue(value)) {
                throw new IllegalArgumentException("a header's name is no token, or its value is none");
            }
        }

        @Override
        public String toString() {
            return "Field[" + name + "]";
        }
    }

    /**
     * A request of headers that have several values each.
     *
     * @param target path and query
     * @param headers the values in order, by names as they are sent, in order
     * @throws IllegalArgumentException where the target, a name or a value would be read as something else
     */
    public ForwardedRequest(String target, Map<String, List<String>> headers) {
        this(target, fields(headers));
    }

    private static List<Field> fields(Map<String, List<String>> headers) {
        List<Field> fields = new ArrayList<>();
        headers.forEach((name, values) -> values.forEach(value -> fields.add(new Field(name, value))));
        return fields;
    }

    private static boolean isTarget(String target) {
        for (int i = 0; i < target.length(); i++) {
            if (target.charAt(i) < 0x21 || target.charAt(i) > 0x7e) {
                return false;
            }
        }
        return target.startsWith("/") || target.equals("*");
    }

    /**
     * The headers by their names.
     *
     * @return the values in order, by names as they are sent, in order; unmodifiable
     */
    public Map<String, List<String>> headers() {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        fields.forEach(field ->
                headers.computeIfAbsent(field.name(), name -> new ArrayList<>()).add(field.value()));
        headers.replaceAll((name, values) -> List.copyOf(values));
        return Collections.unmodifiableMap(headers);
    }

    /**
     * The same, for another host.
     *
     * @param host what the upstream is told as {@code Host}
     * @return a new request
     * @throws IllegalArgumentException where the host is no header's value
     */
    public ForwardedRequest withHost(String host) {
        Field told = new Field("Host", host);
        return with(field -> field.name().equalsIgnoreCase("Host") ? told : field);
    }

    /**
     * The same, for a body that was changed and is sent without an encoding.
     *
     * @return a new request without {@code Content-Encoding}
     */
    public ForwardedRequest withoutContentEncoding() {
        return with(field -> field.name().equalsIgnoreCase("Content-Encoding") ? null : field);
    }

    private ForwardedRequest with(Function<Field, @Nullable Field> change) {
        List<Field> changed = new ArrayList<>(fields.size());
        for (Field field : fields) {
            Field left = change.apply(field);
            if (left != null) {
                changed.add(left);
            }
        }
        return new ForwardedRequest(target, changed);
    }

    @Override
    public String toString() {
        int query = target.indexOf('?');
        return "ForwardedRequest[" + (query < 0 ? target : target.substring(0, query)) + "]";
    }
}

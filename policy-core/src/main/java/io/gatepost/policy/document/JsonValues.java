package io.gatepost.policy.document;

import io.gatepost.policy.document.Node.Mapping;
import io.gatepost.policy.document.Node.Scalar;
import io.gatepost.policy.document.Node.Sequence;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Values of a document as JSON has them. */
final class JsonValues {
    private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9]\\d{0,99})");
    private static final Pattern DECIMAL = Pattern.compile("-?\\d{1,99}(\\.\\d{1,99})?([eE][-+]?\\d{1,3})?");
    private static final int LONG_DIGITS = 18;

    private final Source source;
    private final Findings findings;

    JsonValues(Source source, Findings findings) {
        this.source = source;
        this.findings = findings;
    }

    @Nullable
    Object of(Node node, String path) {
        if (node instanceof Mapping mapping) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            mapping.entries().forEach((name, entry) -> map.put(name, of(entry.value(), path + "." + name)));
            return map;
        }
        if (node instanceof Sequence sequence) {
            List<@Nullable Object> list = new ArrayList<>();
            sequence.items().forEach(item -> list.add(of(item, path + "[" + list.size() + "]")));
            return list;
        }
        return scalar((Scalar) node, path);
    }

    private @Nullable Object scalar(Scalar scalar, String path) {
        return switch (scalar.kind()) {
            case TEXT -> scalar.text();
            case BOOLEAN -> scalar.text().equalsIgnoreCase("true");
            case NOTHING -> null;
            case NUMBER -> number(scalar, path);
        };
    }

    private @Nullable Object number(Scalar scalar, String path) {
        String text = scalar.text();
        if (WHOLE.matcher(text).matches()) {
            return text.length() <= LONG_DIGITS ? (Object) Long.valueOf(text) : new BigInteger(text);
        }
        if (DECIMAL.matcher(text).matches()) {
            return Double.valueOf(text);
        }
        findings.error(
                source.origin(scalar.index(), path), "expected a number as JSON writes it, found `" + text + "`");
        return null;
    }
}

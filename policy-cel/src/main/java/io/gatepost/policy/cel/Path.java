package io.gatepost.policy.cel;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.values.NullValue;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.cel.Direct.Problem;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value of a request or a token that an expression names, such as {@code request.path}, {@code jwt.org.team} and
 * {@code request.headers["x-team"]}, or whether it is there. Immutable and thread-safe.
 */
final class Path {
    private static final Set<String> OF_REQUEST =
            Set.of("method", "scheme", "host", "path", "pathAndQuery", "uri", "version");
    private static final Set<String> OF_SOURCE = Set.of("address", "rawAddress");

    private final List<String> names;
    private final Form form;
    private final CelExpr node;
    private final Weights weights;
    private final List<Problem> absent;
    private final String root;
    private final String last;
    private final String attribute;
    private final String key;

    /** How a path is written. */
    enum Form {
        /** {@code a.b} */
        FIELDS,
        /** {@code a["b"]} */
        INDEX,
        /** {@code has(a.b)} */
        PRESENCE
    }

    private Path(List<String> names, Form form, CelExpr node, Weights weights, String text) {
        this.names = List.copyOf(names);
        this.form = form;
        this.node = node;
        this.weights = weights;
        absent = names.stream()
                .map(name -> Problem.of(CelExpression.absent(form == Form.INDEX ? "" : name, text)))
                .toList();
        root = names.get(0);
        last = names.get(names.size() - 1);
        attribute = root + "." + (names.size() > 1 ? names.get(1) : "");
        // What it weighs is kept with it and depends on its use.
        key = (form + " " + weights.use(node) + " " + names).intern();
    }

    /** The path that a node reads; null where it takes the evaluator to read it. */
    static @Nullable Path of(List<String> names, Form form, CelExpr node, Weights weights, String text) {
        String field = names.size() > 1 ? names.get(1) : "";
        boolean headers = field.equals("headers") && names.size() <= 3;
        boolean known = switch (names.get(0)) {
            case "jwt" -> !names.contains(TokenValue.RAW_TOKEN);
            case "request" ->
                (headers && (form == Form.FIELDS || names.size() == 3))
                        || (form == Form.FIELDS && names.size() == 2 && OF_REQUEST.contains(field));
            case "llm" -> form != Form.INDEX && (names.size() == 2 || field.equals("params"));
            case "source" -> form == Form.FIELDS && names.size() == 2 && OF_SOURCE.contains(field);
            default -> false;
        };
        return known ? new Path(names, form, node, weights, text) : null;
    }

    /** What paths have in common that read the same and weigh the same. */
    String key() {
        return key;
    }

    Reading read(Readings of) {
        Object value = value(of);
        if (value == null || value instanceof Problem || form == Form.PRESENCE) {
            return new Reading(value, 0);
        }
        try {
            long weight = weights.of(node, value, of.left());
            // Nothing is counted further than what is left.
            return new Reading(weight < of.left() ? value : null, weight);
        } catch (Failure ofTheExpression) {
            return new Reading(null, 0);
        }
    }

    /** Attributes take the place of what a request and its token have of their own: they are left to the evaluator. */
    private @Nullable Object value(Readings of) {
        PolicyRequest request = of.request();
        if (request.attribute(root) != null) {
            return null;
        }
        return switch (root) {
            case "jwt" -> ofToken(of.token());
            case "llm" -> ofBody(of, request.body());
            default -> request.attribute(attribute) == null ? ofRequest(request) : null;
        };
    }

    private @Nullable Object ofRequest(PolicyRequest request) {
        if (root.equals("source")) {
            return Variables.source(request, last);
        }
        if (!names.get(1).equals("headers")) {
            return Variables.request(request, last);
        }
        HeadersValue headers = new HeadersValue(request);
        if (names.size() == 2) {
            return headers;
        }
        if (form == Form.PRESENCE) {
            return headers.containsKey(last);
        }
        Object value =
                form == Form.INDEX ? headers.get(last) : headers.find(last).orElse(null);
        return value == null ? absent.get(2) : value;
    }

    private @Nullable Object ofToken(@Nullable VerifiedToken token) {
        if (token == null) {
            return form == Form.FIELDS && names.size() > 1 ? absent.get(1) : null;
        }
        Object claim = names.size() == 1 ? new TokenValue(token.claims()) : member(token.claims(), 1);
        return claim == null || claim instanceof Problem ? claim : ClaimsValue.claim(claim);
    }

    /** Reading a body is paid for, and so is left to the evaluator. */
    private @Nullable Object ofBody(Readings of, byte @Nullable [] body) {
        if (body == null) {
            return form == Form.FIELDS ? absent.get(1) : null;
        }
        Map<String, @Nullable Object> members = of.members(body);
        if (members == null) {
            return null;
        }
        if (names.get(1).equals("params") && names.size() > 2) {
            Object member = member(members, 2);
            return member == null || member instanceof Problem ? member : Values.toCel(member);
        }
        Object field = LlmRequest.field(members, last);
        if (form == Form.PRESENCE) {
            return field != null;
        }
        return field == null ? absent.get(1) : Values.toCel(field);
    }

    /** What stands at the names from one on; null where something on the way has no members. */
    private @Nullable Object member(Map<?, ?> of, int first) {
        Object value = of;
        for (int i = first; i < names.size(); i++) {
            if (!(value instanceof Map<?, ?> members)) {
                return null;
            }
            boolean present = members.containsKey(names.get(i));
            if (form == Form.PRESENCE && i == names.size() - 1) {
                return present;
            }
            if (!present) {
                return absent.get(i);
            }
            value = members.get(names.get(i));
        }
        return value == null ? NullValue.NULL_VALUE : value;
    }
}

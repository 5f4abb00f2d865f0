package io.gatepost.policy.cel;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a token, and what is in them: an object among them stays known as one, by whatever name an expression
 * calls it.
 */
class ClaimsValue extends MapValue {
    ClaimsValue(Map<?, ? extends @Nullable Object> claims) {
        super(claims);
    }

    @Override
    Object wrapped(@Nullable Object value) {
        return claim(value);
    }

    /** A claim, or what is in one, as the evaluator wants it. */
    static Object claim(@Nullable Object value) {
        if (value instanceof MapValue || value instanceof ListValue) {
            return value;
        }
        if (value instanceof Map<?, ?> map) {
            return new ObjectClaim(map);
        }
        return value instanceof List<?> list ? new ListClaim(list) : Values.toCel(value);
    }

    /** A claim that is an object, or an object within one: its names are no list of roles. */
    static final class ObjectClaim extends ClaimsValue {
        ObjectClaim(Map<?, ? extends @Nullable Object> claim) {
            super(claim);
        }
    }

    private static final class ListClaim extends ListValue {
        ListClaim(List<? extends @Nullable Object> claim) {
            super(claim);
        }

        @Override
        Object wrapped(@Nullable Object element) {
            return claim(element);
        }
    }
}

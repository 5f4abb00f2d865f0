package io.gatepost.policy.cel;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A verified token's claims, with its text as {@code rawToken} in place of a claim of that name; redacted, not kept.
 */
final class TokenValue extends ClaimsValue {
    static final String RAW_TOKEN = "rawToken";
    private static final RedactedValue NOT_KEPT = new RedactedValue(null);

    TokenValue(Map<String, ? extends @Nullable Object> claims) {
        super(claims);
    }

    @Override
    public boolean containsKey(Object key) {
        return RAW_TOKEN.equals(key) || super.containsKey(key);
    }

    @Override
    public @Nullable Object get(Object key) {
        return RAW_TOKEN.equals(key) ? NOT_KEPT : super.get(key);
    }
}

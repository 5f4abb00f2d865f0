package io.gatepost.policy.cel;

import dev.cel.common.types.OpaqueType;
import dev.cel.common.values.OpaqueValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** A secret that an expression can hold but shows only where it asks for it by {@code unredacted()}. */
final class RedactedValue extends OpaqueValue {
    static final OpaqueType TYPE = OpaqueType.create("gatepost.Redacted");
    static final String SHOWN = "<redacted>";
    private final @Nullable String secret;

    /** @param secret null where the secret is not kept */
    RedactedValue(@Nullable String secret) {
        this.secret = secret;
    }

    String unredacted() {
        if (secret == null) {
            throw new Failure("the token's text is not kept");
        }
        return secret;
    }

    @Override
    public Object value() {
        return this;
    }

    @Override
    public OpaqueType celType() {
        return TYPE;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RedactedValue redacted
                && secret != null
                && redacted.secret != null
                && MessageDigest.isEqual(
                        secret.getBytes(StandardCharsets.UTF_8), redacted.secret.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int hashCode() {
        return TYPE.hashCode();
    }

    @Override
    public String toString() {
        return SHOWN;
    }
}

package io.gatepost.policy.cel;

import dev.cel.common.types.CelType;
import java.util.Map;

/** The types of values that CEL has no type for. */
final class OpaqueTypes {
    private static final Map<String, Class<?>> CLASSES = Map.of(
            IpAddress.TYPE.name(),
            IpAddress.class,
            CidrRange.TYPE.name(),
            CidrRange.class,
            RedactedValue.TYPE.name(),
            RedactedValue.class,
            Collected.NAME,
            Collected.class);

    private OpaqueTypes() {}

    static Class<?> javaClass(CelType type) {
        Class<?> known = CLASSES.get(type.name());
        if (known == null) {
            throw new IllegalStateException("no class for " + type.name());
        }
        return known;
    }
}

package io.gatepost.policy.cel;

import dev.cel.common.types.SimpleType;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** {@code random} and {@code uuid}: another value each time. */
final class RandomFunctions {
    /** Those of CEL that do not come to the same each time. */
    static final Set<String> NAMES = Set.of("random", "uuid");

    private RandomFunctions() {}

    static void addTo(Functions functions) {
        functions.global(
                "random", SimpleType.DOUBLE, args -> ThreadLocalRandom.current().nextDouble());
        functions.global("uuid", SimpleType.STRING, args -> uuid());
    }

    private static String uuid() {
        Evaluation.charge(CelLimits.FUNCTION_COST);
        return UUID.randomUUID().toString();
    }
}

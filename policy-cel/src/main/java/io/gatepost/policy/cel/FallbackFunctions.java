package io.gatepost.policy.cel;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.exceptions.CelAttributeNotFoundException;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.ErrorValue;
import dev.cel.common.values.NullValue;
import dev.cel.parser.CelMacro;
import dev.cel.runtime.CelEvaluationException;
import java.util.Optional;

/** What to do where a value is missing: {@code default}, {@code coalesce}, {@code fail}. */
final class FallbackFunctions {
    private FallbackFunctions() {}

    static void addTo(Functions functions) {
        functions.lenient("default", args -> orDefault(args[0], args[1]));
        functions.lenient("@or", args -> coalesce(args[0], args[1]));
        functions.macro(CelMacro.newGlobalVarArgMacro("coalesce", (factory, target, args) -> {
            if (args.isEmpty()) {
                return Optional.of(factory.reportError("`coalesce` wants at least one value"));
            }
            CelExpr rest = args.get(args.size() - 1);
            for (int i = args.size() - 2; i >= 0; i--) {
                rest = factory.newGlobalCall("@or", args.get(i), rest);
            }
            return Optional.of(rest);
        }));
        functions.global("fail", SimpleType.DYN, args -> fail(), SimpleType.STRING);
        functions.global("fail", SimpleType.DYN, args -> fail());
    }

    /** What was given is not repeated: it may hold a claim's value. */
    private static Object fail() {
        throw new Failure("`fail` was reached");
    }

    /** Only what is absent is replaced; any other error stays one. */
    private static Object orDefault(Object value, Object otherwise) throws CelEvaluationException {
        charge(value);
        if (value instanceof ErrorValue error && !isAbsence(error.value())) {
            throw thrown(error);
        }
        return value instanceof ErrorValue || value instanceof NullValue ? valueOf(otherwise) : value;
    }

    /** The first value that is neither null nor an error; of two failures null is the better one. */
    private static Object coalesce(Object value, Object rest) throws CelEvaluationException {
        charge(value);
        if (!(value instanceof ErrorValue) && !(value instanceof NullValue)) {
            return value;
        }
        return rest instanceof ErrorValue && value instanceof NullValue ? value : valueOf(rest);
    }

    private static void charge(Object value) {
        Evaluation.charge(value instanceof ErrorValue ? CelLimits.ERROR_COST : 0);
    }

    private static Object valueOf(Object value) throws CelEvaluationException {
        if (value instanceof ErrorValue error) {
            throw thrown(error);
        }
        return value;
    }

    private static boolean isAbsence(Throwable problem) {
        return problem instanceof CelAttributeNotFoundException
                || (problem.getCause() != null && problem.getCause() != problem && isAbsence(problem.getCause()));
    }

    private static RuntimeException thrown(ErrorValue error) throws CelEvaluationException {
        if (error.value() instanceof RuntimeException unchecked) {
            return unchecked;
        }
        if (error.value() instanceof CelEvaluationException checked) {
            throw checked;
        }
        return new Failure("a value cannot be evaluated");
    }
}

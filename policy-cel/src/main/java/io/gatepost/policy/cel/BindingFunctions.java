package io.gatepost.policy.cel;

import com.google.common.collect.ImmutableSet;
import dev.cel.common.Operator;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.cel.parser.CelMacro;
import dev.cel.parser.CelMacroExprFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Names and what they stand for: {@code has}, {@code with}, {@code cel.bind}, {@code optMap}, {@code variables}. */
final class BindingFunctions {
    private static final String VARIABLES = "@variables";

    private BindingFunctions() {}

    static void addTo(Functions functions, ImmutableSet<String> variables, ImmutableSet<String> nullable) {
        functions.macro(CelMacro.newGlobalMacro(
                "has", 1, (factory, target, arguments) -> Optional.of(has(factory, arguments.get(0), nullable))));
        functions.macro(CelMacro.newReceiverMacro(
                "with",
                2,
                (factory, target, arguments) ->
                        Optional.of(bind(factory, arguments.get(0), target, arguments.get(1)))));
        functions.macro(CelMacro.newReceiverMacro(
                "bind",
                3,
                (factory, target, arguments) -> isCel(target)
                        ? Optional.of(bind(factory, arguments.get(0), arguments.get(1), arguments.get(2)))
                        : Optional.empty()));
        functions.macro(CelMacro.newReceiverMacro(
                "optMap",
                2,
                (factory, target, arguments) -> Optional.of(present(
                        factory,
                        target,
                        factory.newGlobalCall(
                                "optional.of",
                                bind(factory, arguments.get(0), valueOf(factory, target), arguments.get(1)))))));
        functions.macro(CelMacro.newReceiverMacro(
                "optFlatMap",
                2,
                (factory, target, arguments) -> Optional.of(present(
                        factory,
                        target,
                        bind(factory, arguments.get(0), valueOf(factory, target), arguments.get(1))))));
        functions.macro(CelMacro.newGlobalMacro(
                "variables", 0, (factory, target, arguments) -> Optional.of(all(factory, variables))));
        MapType map = MapType.create(SimpleType.STRING, SimpleType.DYN);
        functions.global(VARIABLES, map, arguments -> withoutNulls((Map<?, ?>) arguments[0]), map);
    }

    /** Not as the library does it, by an accumulator: see {@link #bind}. */
    private static CelExpr present(CelMacroExprFactory factory, CelExpr target, CelExpr result) {
        return factory.newGlobalCall(
                Operator.CONDITIONAL.getFunction(),
                factory.newReceiverCall("hasValue", target),
                result,
                factory.newGlobalCall("optional.none"));
    }

    private static CelExpr valueOf(CelMacroExprFactory factory, CelExpr target) {
        return factory.newReceiverCall("value", factory.copy(target));
    }

    private static boolean isCel(CelExpr target) {
        return target.getKind() == Kind.IDENT && target.ident().name().equals("cel");
    }

    /** A field of a variable that is null is absent, where CEL itself would say that null has no fields. */
    private static CelExpr has(CelMacroExprFactory factory, CelExpr argument, ImmutableSet<String> nullable) {
        if (argument.getKind() != Kind.SELECT) {
            return factory.reportError("`has` wants a field, such as `has(jwt.sub)`");
        }
        CelExpr operand = argument.select().operand();
        CelExpr test = factory.newSelect(operand, argument.select().field(), true);
        if (!canBeNull(operand, nullable)) {
            return test;
        }
        CelExpr present = factory.newGlobalCall(
                Operator.NOT_EQUALS.getFunction(),
                factory.newGlobalCall("dyn", factory.copy(operand)),
                factory.newConstant(CelConstant.ofValue(NullValue.NULL_VALUE)));
        return factory.newGlobalCall(Operator.LOGICAL_AND.getFunction(), present, test);
    }

    private static boolean canBeNull(CelExpr operand, ImmutableSet<String> nullable) {
        if (operand.getKind() == Kind.IDENT) {
            return nullable.contains(operand.ident().name());
        }
        return operand.getKind() == Kind.SELECT
                && canBeNull(operand.select().operand(), nullable)
                && !operand.select().testOnly();
    }

    /**
     * The body with a name for a value: a comprehension over a list of just that value. Not over an accumulator as
     * {@code cel.bind} does elsewhere, since the evaluator lets {@code +} change a list that is one.
     */
    private static CelExpr bind(CelMacroExprFactory factory, CelExpr name, CelExpr value, CelExpr body) {
        if (name.getKind() != Kind.IDENT) {
            return factory.reportError("expected a simple name for the value");
        }
        String result = factory.getAccumulatorVarName();
        CelExpr nothing = factory.newGlobalCall("dyn", factory.newConstant(CelConstant.ofValue(NullValue.NULL_VALUE)));
        return factory.fold(
                name.ident().name(),
                factory.newList(value),
                result,
                nothing,
                factory.newBoolLiteral(true),
                body,
                factory.newIdentifier(result));
    }

    private static CelExpr all(CelMacroExprFactory factory, ImmutableSet<String> variables) {
        List<CelExpr.CelMap.Entry> entries = variables.stream()
                .map(name -> factory.newMapEntry(factory.newStringLiteral(name), factory.newIdentifier(name)))
                .toList();
        return factory.newGlobalCall(VARIABLES, factory.newMap(entries));
    }

    private static MapValue withoutNulls(Map<?, ?> variables) {
        Map<Object, Object> present = new LinkedHashMap<>();
        variables.forEach((name, value) -> {
            if (!(value instanceof NullValue)) {
                present.put(name, value);
            }
        });
        return new MapValue(present);
    }
}

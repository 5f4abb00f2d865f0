package io.gatepost.policy.cel;

import com.google.common.collect.ImmutableList;
import dev.cel.common.Operator;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import dev.cel.common.values.CelByteString;
import dev.cel.parser.CelMacro;
import dev.cel.parser.CelMacroExprFactory;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lists and maps: {@code map}, {@code filter}, {@code mapValues}, {@code filterKeys}, {@code merge}, {@code contains}.
 */
final class CollectionFunctions {
    private static final CelType A = TypeParamType.create("A");
    private static final CelType B = TypeParamType.create("B");
    private static final ListType LIST = ListType.create(A);
    private static final MapType MAP = MapType.create(A, B);
    private static final CelType COLLECTED_LIST = Collected.of("A");
    private static final CelType COLLECTED_MAP = Collected.of("A", "B");

    private CollectionFunctions() {}

    static void addTo(Functions functions) {
        functions.macro(CelMacro.newReceiverMacro(
                "map",
                2,
                (factory, target, args) -> Optional.of(list(factory, target, args.get(0), null, args.get(1)))));
        functions.macro(CelMacro.newReceiverMacro(
                "map",
                3,
                (factory, target, args) -> Optional.of(list(factory, target, args.get(0), args.get(1), args.get(2)))));
        functions.macro(CelMacro.newReceiverMacro(
                "filter",
                2,
                (factory, target, args) -> Optional.of(list(factory, target, args.get(0), args.get(1), args.get(0)))));
        functions.macro(CelMacro.newReceiverMacro(
                "mapValues",
                2,
                (factory, target, args) -> Optional.of(map(factory, target, "#key", args.get(0), null, args.get(1)))));
        functions.macro(CelMacro.newReceiverMacro(
                "filterKeys", 2, (factory, target, args) -> Optional.of(filterKeys(factory, target, args, false))));
        functions.macro(CelMacro.newReceiverMacro(
                "removeKeys", 2, (factory, target, args) -> Optional.of(filterKeys(factory, target, args, true))));
        addCollecting(functions);
        functions.member("merge", MAP, args -> merge((Map<?, ?>) args[0], (Map<?, ?>) args[1]), MAP, MAP);
        functions.member(
                "contains", SimpleType.BOOL, args -> contains((List<?>) args[0], args[1]), LIST, SimpleType.DYN);
        functions.member(
                "contains", SimpleType.BOOL, args -> ((Map<?, ?>) args[0]).containsKey(args[1]), MAP, SimpleType.DYN);
        functions.member(
                "contains",
                SimpleType.BOOL,
                args -> contains((CelByteString) args[0], (CelByteString) args[1]),
                SimpleType.BYTES,
                SimpleType.BYTES);
    }

    private static void addCollecting(Functions functions) {
        functions.global("@collectList", COLLECTED_LIST, args -> new Collected());
        functions.global("@collectMap", COLLECTED_MAP, args -> new Collected());
        functions.global("@add", COLLECTED_LIST, args -> ((Collected) args[0]).add(args[1]), COLLECTED_LIST, A);
        functions.global(
                "@put", COLLECTED_MAP, args -> ((Collected) args[0]).put(args[1], args[2]), COLLECTED_MAP, A, B);
        functions.global("@toList", LIST, args -> ((Collected) args[0]).toList(), COLLECTED_LIST);
        functions.global("@toMap", MAP, args -> ((Collected) args[0]).toMap(), COLLECTED_MAP);
        functions.global("@map", MAP, args -> args[0], MAP);
    }

    private static CelExpr list(
            CelMacroExprFactory factory, CelExpr range, CelExpr name, @Nullable CelExpr condition, CelExpr element) {
        if (name.getKind() != Kind.IDENT) {
            return factory.reportError("expected a simple name for the element");
        }
        String result = factory.getAccumulatorVarName();
        // The name stands for the element where a filter keeps it: a node of its own each time.
        CelExpr kept = element == name ? factory.newIdentifier(name.ident().name()) : element;
        CelExpr step = factory.newGlobalCall("@add", factory.newIdentifier(result), kept);
        return factory.fold(
                name.ident().name(),
                range,
                result,
                factory.newGlobalCall("@collectList"),
                factory.newBoolLiteral(true),
                condition == null ? step : when(factory, condition, step, result),
                factory.newGlobalCall("@toList", factory.newIdentifier(result)));
    }

    private static CelExpr when(CelMacroExprFactory factory, CelExpr condition, CelExpr step, String result) {
        return factory.newGlobalCall(
                Operator.CONDITIONAL.getFunction(), condition, step, factory.newIdentifier(result));
    }

    private static CelExpr filterKeys(
            CelMacroExprFactory factory, CelExpr target, ImmutableList<CelExpr> args, boolean negated) {
        if (args.get(0).getKind() != Kind.IDENT) {
            return factory.reportError("expected a simple name for the key");
        }
        CelExpr condition =
                negated ? factory.newGlobalCall(Operator.LOGICAL_NOT.getFunction(), args.get(1)) : args.get(1);
        return map(
                factory,
                target,
                args.get(0).ident().name(),
                factory.newIdentifier("#value"),
                condition,
                factory.newIdentifier("#value"));
    }

    private static CelExpr map(
            CelMacroExprFactory factory,
            CelExpr range,
            String key,
            CelExpr name,
            @Nullable CelExpr condition,
            CelExpr value) {
        if (name.getKind() != Kind.IDENT) {
            return factory.reportError("expected a simple name for the value");
        }
        String result = factory.getAccumulatorVarName();
        CelExpr step = factory.newGlobalCall("@put", factory.newIdentifier(result), factory.newIdentifier(key), value);
        return factory.fold(
                key,
                name.ident().name(),
                factory.newGlobalCall("@map", range),
                result,
                factory.newGlobalCall("@collectMap"),
                factory.newBoolLiteral(true),
                condition == null ? step : when(factory, condition, step, result),
                factory.newGlobalCall("@toMap", factory.newIdentifier(result)));
    }

    private static MapValue merge(Map<?, ?> left, Map<?, ?> right) {
        Evaluation.charge((long) left.size() + right.size());
        Map<Object, Object> merged = new LinkedHashMap<>(left);
        merged.putAll(right);
        return new MapValue(merged);
    }

    private static boolean contains(List<?> list, Object element) {
        Evaluation.charge(list.size() / CelLimits.ELEMENTS_PER_STEP);
        return list.stream().anyMatch(one -> Values.same(one, element));
    }

    /** As Latin-1, which has a character for each byte. */
    private static boolean contains(CelByteString bytes, CelByteString part) {
        Evaluation.charge((bytes.size() + part.size()) / CelLimits.PARSED_PER_STEP);
        return new TextSearch(new String(part.toByteArray(), StandardCharsets.ISO_8859_1))
                        .in(new String(bytes.toByteArray(), StandardCharsets.ISO_8859_1), 0)
                >= 0;
    }
}

package io.gatepost.policy.cel;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.UnsignedLong;
import dev.cel.checker.CelCheckerBuilder;
import dev.cel.checker.CelStandardDeclarations;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.compiler.CelCompilerLibrary;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelMathExtensions;
import dev.cel.extensions.CelOptionalLibrary;
import dev.cel.extensions.CelStringExtensions;
import dev.cel.parser.CelMacro;
import dev.cel.parser.CelParserBuilder;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.cel.runtime.CelRuntimeLibrary;
import dev.cel.runtime.InternalFunctionBinder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All functions of expressions: CEL's own, those of cel-java's extensions that mean the same here, and the families of
 * this package ({@code docs/authorization.md#functions}). A family adds its functions and macros; overloads of one name
 * may come from several.
 */
final class Functions implements CelCompilerLibrary, CelRuntimeLibrary {
    private static final List<CelType> NUMBERS = List.of(SimpleType.INT, SimpleType.UINT, SimpleType.DOUBLE);
    private static final CelMathExtensions MATH = CelExtensions.math(Arrays.stream(CelMathExtensions.Function.values())
            .filter(function -> !Set.of("BITAND", "BITOR", "BITXOR").contains(function.name()))
            .collect(Collectors.toUnmodifiableSet()));
    private static final CelStringExtensions STRINGS = CelExtensions.strings(
            CelStringExtensions.Function.LOWER_ASCII,
            CelStringExtensions.Function.UPPER_ASCII,
            CelStringExtensions.Function.TRIM,
            CelStringExtensions.Function.QUOTE,
            CelStringExtensions.Function.REVERSE);
    private static final CelOptionalLibrary OPTIONAL = CelExtensions.optional();

    /** What is taken from cel-java as it is. */
    static final List<CelCompilerLibrary> EXTENSIONS = List.of(MATH, STRINGS, OPTIONAL);

    static final List<CelRuntimeLibrary> RUNTIME_EXTENSIONS = List.of(MATH, STRINGS, OPTIONAL);

    private static final Set<CelStandardMacro> STANDARD_MACROS = Set.of(
            CelStandardMacro.ALL,
            CelStandardMacro.EXISTS,
            CelStandardMacro.EXISTS_ONE,
            CelStandardMacro.EXISTS_ONE_NEW);

    private static final String NAME = "[A-Za-z][A-Za-z0-9_.]*";

    private final Map<String, List<CelOverloadDecl>> declarations = new LinkedHashMap<>();
    private final Map<String, List<CelFunctionBinding>> bindings = new LinkedHashMap<>();
    private final List<CelMacro> macros = new ArrayList<>();

    /**
     * The functions beside these variables.
     *
     * @param variables all names
     * @param nullable those that can be null
     */
    Functions(ImmutableSet<String> variables, ImmutableSet<String> nullable) {
        for (CelType one : NUMBERS) {
            for (CelType other : NUMBERS) {
                if (!one.equals(other)) {
                    declare("_==_", one, other);
                    declare("_!=_", one, other);
                }
            }
        }
        BindingFunctions.addTo(this, variables, nullable);
        CollectionFunctions.addTo(this);
        ConversionFunctions.addTo(this);
        EncodingFunctions.addTo(this);
        FallbackFunctions.addTo(this);
        HeaderFunctions.addTo(this);
        JsonFunctions.addTo(this);
        MathFunctions.addTo(this);
        NetworkFunctions.addTo(this);
        QueryFunctions.addTo(this);
        RandomFunctions.addTo(this);
        RegexFunctions.addTo(this);
        TextFunctions.addTo(this);
        TokenFunctions.addTo(this);
    }

    /** Whether a family has its own form of one of CEL's functions, with more overloads or with bounds. */
    static boolean replaces(String standard) {
        return Set.of("contains", "matches", "string", "duration").contains(standard.toLowerCase(Locale.ROOT));
    }

    void global(String name, CelType result, CelFunctionOverload body, CelType... parameters) {
        CelOverloadDecl declaration =
                CelOverloadDecl.newGlobalOverload(id(name, "global", parameters), result, List.of(parameters));
        add(name, declaration, bind(declaration.overloadId(), classes(parameters), body));
    }

    /** A function called on its first parameter. */
    void member(String name, CelType result, CelFunctionOverload body, CelType... parameters) {
        CelOverloadDecl declaration =
                CelOverloadDecl.newMemberOverload(id(name, "member", parameters), result, List.of(parameters));
        add(name, declaration, bind(declaration.overloadId(), classes(parameters), body));
    }

    /** A function called on headers, which are a map to everyone else. */
    void ofHeaders(String name, CelType result, CelFunctionOverload body, CelType... others) {
        CelType[] parameters = Stream.concat(Stream.of(HeadersValue.TYPE), Arrays.stream(others))
                .toArray(CelType[]::new);
        List<Class<?>> classes = new ArrayList<>(classes(parameters));
        classes.set(0, HeadersValue.class);
        CelOverloadDecl declaration =
                CelOverloadDecl.newMemberOverload(id(name, "headers", parameters), result, List.of(parameters));
        add(name, declaration, bind(declaration.overloadId(), classes, body));
    }

    /** A function of any two values that is called with the errors in place of values too. */
    void lenient(String name, CelFunctionOverload body) {
        CelOverloadDecl declaration =
                CelOverloadDecl.newGlobalOverload(name + "_lenient", SimpleType.DYN, SimpleType.DYN, SimpleType.DYN);
        add(
                name,
                declaration,
                InternalFunctionBinder.from(
                        declaration.overloadId(), List.of(Object.class, Object.class), body, /* isStrict= */ false));
    }

    void macro(CelMacro macro) {
        macros.add(macro);
    }

    /** An equality that the evaluator knows and the type check doesn't: of numbers of different types. */
    private void declare(String name, CelType one, CelType other) {
        declarations
                .computeIfAbsent(name, absent -> new ArrayList<>())
                .add(CelOverloadDecl.newGlobalOverload(id(name, "numbers", one, other), SimpleType.BOOL, one, other));
    }

    private void add(String name, CelOverloadDecl declaration, CelFunctionBinding binding) {
        declarations.computeIfAbsent(name, absent -> new ArrayList<>()).add(declaration);
        bindings.computeIfAbsent(name, absent -> new ArrayList<>()).add(binding);
    }

    private static String id(String name, String style, CelType... parameters) {
        return name.replace('.', '_') + "_" + style + "_"
                + Arrays.stream(parameters)
                        .map(type -> type.kind().name().toLowerCase(Locale.ROOT)
                                + type.name().hashCode())
                        .collect(Collectors.joining("_"));
    }

    private static List<Class<?>> classes(CelType... parameters) {
        return Arrays.stream(parameters).<Class<?>>map(Functions::javaClass).toList();
    }

    private static Class<?> javaClass(CelType type) {
        return switch (type.kind()) {
            case STRING -> String.class;
            case BYTES -> CelByteString.class;
            case INT -> Long.class;
            case UINT -> UnsignedLong.class;
            case DOUBLE -> Double.class;
            case BOOL -> Boolean.class;
            case TIMESTAMP -> Instant.class;
            case DURATION -> Duration.class;
            case LIST -> List.class;
            case MAP -> Map.class;
            case OPAQUE -> OpaqueTypes.javaClass(type);
            default -> Object.class;
        };
    }

    /** The evaluator wants functions of one or two parameters in a form of their own. */
    @SuppressWarnings("unchecked")
    private static CelFunctionBinding bind(String id, List<Class<?>> classes, CelFunctionOverload body) {
        return switch (classes.size()) {
            case 1 -> CelFunctionBinding.from(id, (Class<Object>) classes.get(0), a -> body.apply(new Object[] {a}));
            case 2 ->
                CelFunctionBinding.from(
                        id,
                        (Class<Object>) classes.get(0),
                        (Class<Object>) classes.get(1),
                        (a, b) -> body.apply(new Object[] {a, b}));
            default -> CelFunctionBinding.from(id, classes, body);
        };
    }

    /** The names that an author can use, for suggestions. */
    Set<String> names() {
        Set<String> names = new TreeSet<>(overloads().keySet());
        names.addAll(macros());
        return names;
    }

    /** The functions that have a name, with their overloads as the type check knows them. */
    Map<String, List<CelOverloadDecl>> overloads() {
        Map<String, List<CelOverloadDecl>> overloads = new TreeMap<>();
        Stream.of(
                        Arrays.stream(CelStandardDeclarations.StandardFunction.values())
                                .filter(function -> !replaces(function.functionName()))
                                .map(CelStandardDeclarations.StandardFunction::functionDecl),
                        MATH.functions().stream(),
                        STRINGS.functions().stream(),
                        OPTIONAL.functions().stream())
                .flatMap(functions -> functions)
                .forEach(function -> overloads
                        .computeIfAbsent(function.name(), absent -> new ArrayList<>())
                        .addAll(function.overloads()));
        declarations.forEach((name, declared) ->
                overloads.computeIfAbsent(name, absent -> new ArrayList<>()).addAll(declared));
        overloads.keySet().removeIf(name -> !name.matches(NAME));
        return overloads;
    }

    /** What looks like a function and is written out by the parser. */
    Set<String> macros() {
        Set<String> names = new TreeSet<>(Set.of("math.greatest", "math.least", "optMap", "optFlatMap"));
        Stream.concat(macros.stream(), STANDARD_MACROS.stream().map(CelStandardMacro::getDefinition))
                .map(macro -> macro.getFunction().equals("bind") ? "cel.bind" : macro.getFunction())
                .forEach(names::add);
        return names;
    }

    @Override
    public void setParserOptions(CelParserBuilder parser) {
        parser.setStandardMacros(STANDARD_MACROS);
        parser.addMacros(macros);
    }

    @Override
    public void setCheckerOptions(CelCheckerBuilder checker) {
        declarations.forEach((name, overloads) -> checker.addFunctionDeclarations(
                CelFunctionDecl.newFunctionDeclaration(name, ImmutableList.copyOf(overloads))));
    }

    @Override
    public void setRuntimeOptions(CelRuntimeBuilder runtime) {
        bindings.forEach(
                (name, overloads) -> runtime.addFunctionBindings(CelFunctionBinding.fromOverloads(name, overloads)));
    }
}

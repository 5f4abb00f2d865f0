package io.gatepost.policy.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.gatepost.policy.CompiledExpression;
import io.gatepost.policy.ExpressionCompiler;
import io.gatepost.policy.InvalidExpressionException;
import io.gatepost.policy.InvalidExpressionException.Problem;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compiles expressions written in CEL, the Common Expression Language. Names are checked when an expression is
 * compiled: a misspelt variable, field or function is a problem with its position and, where one is near, the name that
 * was meant. Which variables and functions there are is in {@code docs/authorization.md}. Immutable and thread-safe.
 *
 * @see <a href="https://github.com/google/cel-spec">the CEL specification</a>
 */
public final class CelExpressionCompiler implements ExpressionCompiler {
    private final CelCompiler compiler;
    private final CelRuntime runtime;
    private final Names names;

    /** A compiler for the standard variables and functions. */
    public CelExpressionCompiler() {
        this(List.of());
    }

    /**
     * A compiler that knows further variables, of any type. They take their values from
     * {@link io.gatepost.policy.PolicyRequest#attribute}; one with a standard variable's name replaces it.
     *
     * @param variables the names
     */
    public CelExpressionCompiler(Collection<String> variables) {
        Map<String, CelType> types = new LinkedHashMap<>(Variables.declared());
        variables.forEach(name -> types.put(name, SimpleType.DYN));
        CelCompilerBuilder builder = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(Limits.OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .setTypeProvider(new Variables())
                .addLibraries(CelExtensions.strings(), CelExtensions.math(), CelExtensions.optional())
                .addLibraries(CelExtensions.bindings())
                .addLibraries(Functions.ALL);
        types.forEach(builder::addVar);
        compiler = builder.build();
        runtime = CelRuntimeFactory.plannerRuntimeBuilder()
                .setOptions(Limits.OPTIONS)
                .setTypeProvider(new Variables())
                .addLibraries(CelExtensions.strings(), CelExtensions.math(), CelExtensions.optional())
                .addLibraries(Functions.ALL)
                .build();
        names = new Names(types.keySet());
    }

    @Override
    public CompiledExpression compile(String text, ResultType resultType) throws InvalidExpressionException {
        CelAbstractSyntaxTree tree = check(text);
        CelType type = tree.getResultType();
        boolean canBeBoolean = type.isAssignableFrom(SimpleType.BOOL) || type.equals(SimpleType.DYN);
        if (resultType == ResultType.BOOLEAN && !canBeBoolean) {
            throw invalid("the expression yields `" + type.name() + "`, expected a boolean");
        }
        try {
            return new CelExpression(text, runtime.createProgram(tree), Reads.of(tree), new SubExpressions(tree));
        } catch (CelEvaluationException e) {
            throw invalid("the expression cannot be planned");
        }
    }

    private CelAbstractSyntaxTree check(String text) throws InvalidExpressionException {
        if (text.length() > Limits.EXPRESSION_LENGTH) {
            throw invalid("the expression has " + text.length() + " characters, at most " + Limits.EXPRESSION_LENGTH
                    + " are allowed");
        }
        CelValidationResult result = compiler.compile(text);
        try {
            return result.getAst();
        } catch (CelValidationException e) {
            List<Problem> problems = e.getErrors().stream().map(names::explain).toList();
            throw problems.isEmpty()
                    ? invalid("the expression cannot be read")
                    : new InvalidExpressionException(problems);
        }
    }

    private static InvalidExpressionException invalid(String message) {
        return new InvalidExpressionException(List.of(new Problem(1, 1, message)));
    }

    /** What an expression may cost; beyond it is an error, so that a rule fails closed. */
    static final class Limits {
        static final int EXPRESSION_LENGTH = 16_384;
        static final CelOptions OPTIONS = CelOptions.current()
                .maxExpressionCodePointSize(EXPRESSION_LENGTH)
                .maxParseRecursionDepth(100)
                .comprehensionMaxIterations(20_000)
                .maxRegexProgramSize(2_000)
                .enableOptionalSyntax(true)
                .populateMacroCalls(true)
                .enableHeterogeneousNumericComparisons(true)
                .build();

        private Limits() {}
    }
}

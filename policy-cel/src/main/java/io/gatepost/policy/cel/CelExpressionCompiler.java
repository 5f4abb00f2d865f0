package io.gatepost.policy.cel;

import dev.cel.checker.CelStandardDeclarations;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Compiles expressions written in CEL, the Common Expression Language. Names are checked when an expression is
 * compiled: a misspelt variable, field or function is a problem with its position and, where one is near, the name that
 * was meant. Which variables and functions there are, and what an expression may cost, is in
 * {@code docs/authorization.md}. Immutable and thread-safe.
 *
 * @see <a href="https://github.com/google/cel-spec">the CEL specification</a>
 */
public final class CelExpressionCompiler implements ExpressionCompiler {
    private final CelCompiler compiler;
    private final CelRuntime runtime;
    private final Variables variables;
    private final Names names;

    /** A compiler for the standard variables and functions. */
    public CelExpressionCompiler() {
        this(List.of());
    }

    /**
     * A compiler that knows further variables, of any type. They take their values from
     * {@link io.gatepost.policy.PolicyRequest#attribute}, and are null where it has none; one with a standard
     * variable's name replaces it.
     *
     * @param variables the names
     */
    public CelExpressionCompiler(Collection<String> variables) {
        this.variables = new Variables(variables);
        Functions functions = new Functions(this.variables.declared().keySet(), this.variables.nullable());
        CelCompilerBuilder builder = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(CelLimits.OPTIONS)
                .setTypeProvider(this.variables)
                .setStandardEnvironmentEnabled(false)
                .setStandardDeclarations(CelStandardDeclarations.newBuilder()
                        .filterFunctions((function, overload) -> !Functions.replaces(function.functionName()))
                        .build())
                .addLibraries(Functions.EXTENSIONS)
                .addLibraries(functions);
        this.variables.declared().forEach(builder::addVar);
        builder.addVar(Variables.FLOAT, SimpleType.DYN);
        compiler = builder.build();
        runtime = CelRuntimeFactory.plannerRuntimeBuilder()
                .setOptions(CelLimits.OPTIONS)
                .setTypeProvider(this.variables)
                .setStandardFunctions(CelStandardFunctions.newBuilder()
                        .filterFunctions((function, overload) -> !Functions.replaces(function.name()))
                        .build())
                .addLibraries(Functions.RUNTIME_EXTENSIONS)
                .addLibraries(functions)
                .build();
        names = new Names(this.variables, functions.names());
    }

    @Override
    public CompiledExpression compile(String text, ResultType resultType) throws InvalidExpressionException {
        return expression(text, resultType);
    }

    /**
     * The branches of an expression, for coverage.
     *
     * @param text the expression
     * @return its branches
     * @throws InvalidExpressionException where it can't be compiled
     */
    public ExpressionBranches branches(String text) throws InvalidExpressionException {
        CelExpression expression = expression(text, ResultType.BOOLEAN);
        return ExpressionBranches.of(new WrittenTree(text, check(text)), expression::tell);
    }

    /**
     * The small changes of an expression that its tests should notice: operators, comparisons, functions and literals,
     * one at a time, and conditions that always or never hold.
     *
     * @param text the expression
     * @return the changed expressions, each text once; a few may not compile, such as a difference of texts
     * @throws InvalidExpressionException where it can't be compiled
     */
    public List<ExpressionMutant> mutants(String text) throws InvalidExpressionException {
        return ExpressionMutants.of(new WrittenTree(text, check(text)));
    }

    private CelExpression expression(String text, ResultType resultType) throws InvalidExpressionException {
        CelAbstractSyntaxTree tree = check(text);
        CelType type = tree.getResultType();
        boolean canBeBoolean = type.isAssignableFrom(SimpleType.BOOL) || type.equals(SimpleType.DYN);
        if (resultType == ResultType.BOOLEAN && !canBeBoolean) {
            throw invalid("the expression yields `" + type.name() + "`, expected a boolean");
        }
        Inspection inspection = Inspection.of(tree);
        if (!inspection.problems().isEmpty()) {
            throw new InvalidExpressionException(inspection.problems());
        }
        try {
            Evaluation.Plan plan = new Evaluation.Plan(
                    runtime.createProgram(tree), Map.copyOf(inspection.patterns()), Weights.of(tree));
            return new CelExpression(
                    text,
                    plan,
                    variables,
                    Reads.of(tree),
                    Reads.tokenOnly(tree, variables.declared().keySet()),
                    inspection.warnings(),
                    new SubExpressions(tree),
                    DirectPlanner.of(text, tree, variables.standard(), plan));
        } catch (CelEvaluationException e) {
            throw invalid("the expression cannot be planned");
        }
    }

    /**
     * The checked syntax of an expression, for tools that judge it without running it.
     *
     * @param text the expression
     * @return the whole as a part, with the types of its parts
     * @throws InvalidExpressionException where it can't be compiled
     */
    public ExpressionPart syntax(String text) throws InvalidExpressionException {
        return ExpressionPart.of(check(text));
    }

    /**
     * What an expression compares, for tools that look for requests which it judges differently.
     *
     * @param text the expression
     * @return each path that it reads with each literal that it is held against; rather too many than too few
     * @throws InvalidExpressionException where it can't be compiled
     */
    public List<Comparison> comparisons(String text) throws InvalidExpressionException {
        return Comparisons.of(check(text));
    }

    private CelAbstractSyntaxTree check(String text) throws InvalidExpressionException {
        if (text.length() > CelLimits.EXPRESSION_LENGTH) {
            throw invalid("the expression has " + text.length() + " characters, at most " + CelLimits.EXPRESSION_LENGTH
                    + " are allowed");
        }
        CelAbstractSyntaxTree parsed = valid(
                compiler.parse(text),
                issues ->
                        ExpressionProblems.of(text, issues, variables.declared().keySet()));
        if (Inspection.isDeeperThan(parsed.getExpr(), CelLimits.DEPTH)) {
            throw invalid("the expression is nested too deeply, at most " + CelLimits.DEPTH + " levels are allowed");
        }
        return valid(compiler.check(parsed), issues -> names.explain(issues, text));
    }

    private static CelAbstractSyntaxTree valid(
            CelValidationResult result, Function<List<CelIssue>, List<Problem>> explained)
            throws InvalidExpressionException {
        try {
            return result.getAst();
        } catch (CelValidationException e) {
            List<Problem> problems = explained.apply(e.getErrors());
            throw problems.isEmpty()
                    ? invalid("the expression cannot be read")
                    : new InvalidExpressionException(problems);
        }
    }

    private static InvalidExpressionException invalid(String message) {
        return new InvalidExpressionException(List.of(new Problem(1, 1, message)));
    }
}

package io.gatepost.policy;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.model.MatchExpression;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compiles the expressions of documents and places their problems in the document. */
final class Expressions {
    private Expressions() {}

    /** The compiled expression; null, with the reasons added to {@code found}, where it can't be compiled. */
    static @Nullable CompiledExpression compile(
            @Nullable ExpressionCompiler compiler,
            MatchExpression expression,
            ExpressionCompiler.ResultType resultType,
            List<Diagnostic> found) {
        if (compiler == null) {
            found.add(Diagnostic.error(
                    expression.origin(),
                    "no expression compiler; hand one to PolicyEngine.builder().expressions(...)"));
            return null;
        }
        try {
            CompiledExpression compiled = compiler.compile(expression.text(), resultType);
            compiled.warnings()
                    .forEach(warning -> found.add(
                            Diagnostic.warning(expression.at(warning.line(), warning.column()), warning.message())));
            return compiled;
        } catch (InvalidExpressionException e) {
            e.problems()
                    .forEach(problem -> found.add(
                            Diagnostic.error(expression.at(problem.line(), problem.column()), problem.message())));
            return null;
        }
    }
}

package io.gatepost.samples.gateway;

import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.EvaluationException;
import io.gatepost.policy.expression.ExpressionCompiler.ResultType;
import io.gatepost.policy.expression.InvalidExpressionException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Answers the lines of {@code eval}. Not thread-safe. */
final class Evaluations {
    private static final int KEPT = 64;
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .build();

    private final Map<Set<String>, CelExpressionCompiler> compilers = new HashMap<>();

    String answer(String line) {
        ObjectNode answer = JSON.createObjectNode().putNull("id");
        try {
            JsonNode asked = JSON.readTree(line);
            answer.set("id", asked.path("id").isMissingNode() ? JSON.nullNode() : asked.path("id"));
            evaluate(asked, answer);
        } catch (JacksonException e) {
            fail(answer, "compile", "the line is not JSON");
        } catch (IllegalArgumentException | InvalidExpressionException e) {
            fail(answer, "compile", String.valueOf(e.getMessage()));
        } catch (EvaluationException e) {
            fail(answer, "evaluate", String.valueOf(e.getMessage()));
        }
        return JSON.writeValueAsString(answer);
    }

    private void evaluate(JsonNode asked, ObjectNode answer) throws InvalidExpressionException, EvaluationException {
        if (!asked.path("expression").isString()) {
            throw new IllegalArgumentException("expected an expression");
        }
        EvalContext context = EvalContext.of(asked.path("context"));
        CompiledExpression expression =
                compiler(context.variables()).compile(asked.path("expression").stringValue(), ResultType.ANY);
        answer.set("value", EvalContext.toJson(expression.evaluate(context.request(), null)));
    }

    private CelExpressionCompiler compiler(Set<String> variables) {
        if (compilers.size() == KEPT) {
            compilers.clear();
        }
        return compilers.computeIfAbsent(variables, names -> new CelExpressionCompiler(names));
    }

    private static void fail(ObjectNode answer, String stage, String message) {
        answer.putObject("error").put("stage", stage).put("message", message);
    }
}

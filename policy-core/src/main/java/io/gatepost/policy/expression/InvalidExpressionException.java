package io.gatepost.policy.expression;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** An expression that can't be compiled: every problem with its position in the expression's text. */
public final class InvalidExpressionException extends Exception {
    private final transient List<Problem> problems;

    /**
     * One problem.
     *
     * @param line 1-based line in the expression's text
     * @param column 1-based column in that line
     * @param message what is wrong and, where known, the cure
     */
    public record Problem(int line, int column, String message) {
        public Problem {
            Objects.requireNonNull(message, "message");
        }
    }

    /**
     * Makes the exception for all that was found.
     *
     * @param problems at least one
     */
    public InvalidExpressionException(List<Problem> problems) {
        super(problems.stream().map(Problem::message).collect(Collectors.joining("; ")));
        this.problems = List.copyOf(problems);
    }

    /**
     * What was found.
     *
     * @return the problems, in the order of their positions
     */
    public List<Problem> problems() {
        return problems;
    }
}

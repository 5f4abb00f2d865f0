package io.gatepost.policy;

import io.gatepost.policy.Authorizer.Case;
import io.gatepost.policy.RuleOutcome.Result;
import io.gatepost.policy.expression.EvaluationException;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * What the rules came to that one decision asked, in their order: a result for each, from which an outcome is made when
 * someone asks for it. Immutable and thread-safe.
 */
final class Outcomes extends AbstractList<RuleOutcome> implements RandomAccess {
    private final List<Rule> rules;
    private final Result[] results;
    private final @Nullable String @Nullable [] errors;
    private final Case judged;
    private final int from;
    private final int to;

    private Outcomes(
            List<Rule> rules, Result[] results, @Nullable String @Nullable [] errors, Case judged, int from, int to) {
        this.rules = rules;
        this.results = results;
        this.errors = errors;
        this.judged = judged;
        this.from = from;
        this.to = to;
    }

    /** The rules of one decision while they are asked, one after the other. For one thread. */
    static final class Asking {
        private final List<Rule> rules;
        private final Case judged;
        private final Result[] results;
        private @Nullable String @Nullable [] errors;
        private int asked;

        Asking(List<Rule> rules, Case judged) {
            this.rules = rules;
            this.judged = judged;
            results = new Result[rules.size()];
        }

        /** What the next rule comes to. */
        Result next() {
            String error = null;
            Result result = Result.FAILED;
            try {
                result = rules.get(asked).holds(judged) ? Result.MATCHED : Result.NOT_MATCHED;
            } catch (EvaluationException e) {
                error = String.valueOf(e.getMessage());
            }
            if (error != null) {
                errors = errors == null ? new String[results.length] : errors;
                errors[asked] = error;
            }
            results[asked++] = result;
            return result;
        }

        /** What those came to that were asked; no more are. */
        Outcomes end() {
            return new Outcomes(rules, results, errors, judged, 0, asked);
        }
    }

    /** Some of them, in their order. */
    Outcomes part(int first, int end) {
        return end - first == size() ? this : new Outcomes(rules, results, errors, judged, from + first, from + end);
    }

    /** The rule of an outcome. */
    Rule rule(int index) {
        return rules.get(from + Objects.checkIndex(index, size()));
    }

    /** The expression of an outcome with its place, and why it failed where it did. */
    String named(int index) {
        String error = error(index);
        return rule(index).shown() + (error == null ? "" : " (" + error + ")");
    }

    private @Nullable String error(int index) {
        return errors == null ? null : errors[from + index];
    }

    @Override
    public RuleOutcome get(int index) {
        return new RuleOutcome(rule(index), results[from + index], error(index), judged);
    }

    @Override
    public int size() {
        return to - from;
    }
}

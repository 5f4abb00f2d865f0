package io.gatepost.tools.lint;

import io.gatepost.policy.cel.ExpressionPart;
import io.gatepost.policy.cel.ExpressionPart.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Looks for conditions that have one outcome only, and for operands that decide nothing. */
final class ConditionRules {
    private final Syntax syntax;
    private final Consumer<Finding> findings;

    private ConditionRules(Syntax syntax, Consumer<Finding> findings) {
        this.syntax = syntax;
        this.findings = findings;
    }

    static void check(RuleSyntax rule, Consumer<Finding> findings) {
        new ConditionRules(rule.syntax(), findings).check(rule.syntax().root(), true);
    }

    private void check(ExpressionPart part, boolean whole) {
        if (isCondition(part) && (whole || part.kind() != Kind.CONSTANT) && told(part, whole)) {
            return;
        }
        if (part.macro() == null && Syntax.calls(part, "_&&_", "_||_")) {
            String operator = part.name();
            List<ExpressionPart> operands = operands(part, operator);
            if (!redundant(operands, operator)) {
                operands.forEach(operand -> check(operand, false));
            }
            return;
        }
        children(part).forEach(child -> check(child, false));
    }

    /** Within what a macro stands for only what was written. */
    private Stream<ExpressionPart> children(ExpressionPart part) {
        return switch (part.kind()) {
            case CALL -> "has".equals(part.macro()) ? Stream.of() : Syntax.operands(part).stream();
            case LOOP ->
                Stream.concat(Stream.of(part.range()), Stream.of(part.step()).flatMap(ConditionRules::written));
            default -> Stream.of();
        };
    }

    /** The predicate of a loop stands beside the accumulator. */
    private static Stream<ExpressionPart> written(ExpressionPart step) {
        return step.kind() == Kind.CALL
                ? Syntax.operands(step).stream().filter(ConditionRules::isPredicate)
                : Stream.of();
    }

    private static boolean isPredicate(ExpressionPart part) {
        return isCondition(part) && part.kind() == Kind.CALL;
    }

    private static boolean isCondition(ExpressionPart part) {
        return part.type() == ExpressionPart.Type.BOOL && !part.mayBeNull();
    }

    private boolean told(ExpressionPart part, boolean whole) {
        try {
            String never = NormalForm.of(syntax, part, true).reason();
            if (never != null) {
                tell(whole ? LintRule.NEVER_MATCHES : LintRule.CONSTANT_PART, part, "can never be true", never);
                return true;
            }
            String always = NormalForm.of(syntax, part, false).reason();
            if (always != null) {
                tell(whole ? LintRule.ALWAYS_MATCHES : LintRule.CONSTANT_PART, part, "can never be false", "");
            }
            return always != null;
        } catch (NormalForm.TooManyWays tooMany) {
            return false;
        }
    }

    private void tell(LintRule rule, ExpressionPart part, String outcome, String reason) {
        String because = reason.isEmpty() ? "" : ": " + reason;
        tell(rule, part, "`" + syntax.text(part) + "` " + outcome + because);
    }

    private void tell(LintRule rule, ExpressionPart part, String message) {
        findings.accept(
                new Finding(rule, syntax.origin(part), syntax.expression().origin(), message));
    }

    private List<ExpressionPart> operands(ExpressionPart part, String operator) {
        if (!Syntax.calls(part, operator) || part.macro() != null) {
            return List.of(part);
        }
        List<ExpressionPart> operands = new ArrayList<>();
        part.children().forEach(operand -> operands.addAll(operands(operand, operator)));
        return operands;
    }

    /** Of alternatives one that implies another adds nothing, of conditions one that another implies. */
    private boolean redundant(List<ExpressionPart> operands, String operator) {
        for (int i = operands.size() - 1; i >= 0; i--) {
            for (int j = 0; j < operands.size(); j++) {
                if (i != j && isOpen(operands.get(i)) && adds(operands.get(i), operands.get(j), operator)) {
                    ExpressionPart spare = operands.get(i);
                    tell(
                            LintRule.REDUNDANT_OPERAND,
                            spare,
                            "`" + syntax.text(spare) + "` decides nothing beside `" + syntax.text(operands.get(j))
                                    + "`");
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isOpen(ExpressionPart part) {
        try {
            return !NormalForm.of(syntax, part, true).isImpossible()
                    && !NormalForm.of(syntax, part, false).isImpossible();
        } catch (NormalForm.TooManyWays tooMany) {
            return false;
        }
    }

    private boolean adds(ExpressionPart spare, ExpressionPart other, String operator) {
        boolean outcome = operator.equals("_||_");
        try {
            return NormalForm.of(syntax, spare, outcome)
                    .and(NormalForm.of(syntax, other, !outcome))
                    .isImpossible();
        } catch (NormalForm.TooManyWays tooMany) {
            return false;
        }
    }
}

package io.gatepost.tools.lint;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.types.SimpleType;
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

    private void check(CelExpr part, boolean whole) {
        if (isCondition(part) && (whole || part.getKind() != Kind.CONSTANT) && told(part, whole)) {
            return;
        }
        if (syntax.macro(part) == null && Syntax.calls(part, "_&&_", "_||_")) {
            String operator = part.call().function();
            List<CelExpr> operands = operands(part, operator);
            if (!redundant(operands, operator)) {
                operands.forEach(operand -> check(operand, false));
            }
            return;
        }
        children(part).forEach(child -> check(child, false));
    }

    /** Within what a macro stands for only what was written. */
    private Stream<CelExpr> children(CelExpr part) {
        return switch (part.getKind()) {
            case CALL -> "has".equals(syntax.macro(part)) ? Stream.of() : Syntax.operands(part).stream();
            case COMPREHENSION ->
                Stream.concat(
                        Stream.of(part.comprehension().iterRange()),
                        Stream.of(part.comprehension().loopStep()).flatMap(this::written));
            default -> Stream.of();
        };
    }

    /** The predicate of a loop stands beside the accumulator. */
    private Stream<CelExpr> written(CelExpr step) {
        return step.getKind() == Kind.CALL ? Syntax.operands(step).stream().filter(this::isPredicate) : Stream.of();
    }

    private boolean isPredicate(CelExpr part) {
        return isCondition(part) && part.getKind() == Kind.CALL;
    }

    private boolean isCondition(CelExpr part) {
        return syntax.type(part).equals(SimpleType.BOOL);
    }

    private boolean told(CelExpr part, boolean whole) {
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

    private void tell(LintRule rule, CelExpr part, String outcome, String reason) {
        String because = reason.isEmpty() ? "" : ": " + reason;
        tell(rule, part, "`" + syntax.text(part) + "` " + outcome + because);
    }

    private void tell(LintRule rule, CelExpr part, String message) {
        findings.accept(
                new Finding(rule, syntax.origin(part), syntax.expression().origin(), message));
    }

    private List<CelExpr> operands(CelExpr part, String operator) {
        if (!Syntax.calls(part, operator) || syntax.macro(part) != null) {
            return List.of(part);
        }
        List<CelExpr> operands = new ArrayList<>();
        part.call().args().forEach(operand -> operands.addAll(operands(operand, operator)));
        return operands;
    }

    /** Of alternatives one that implies another adds nothing, of conditions one that another implies. */
    private boolean redundant(List<CelExpr> operands, String operator) {
        for (int i = operands.size() - 1; i >= 0; i--) {
            for (int j = 0; j < operands.size(); j++) {
                if (i != j && isOpen(operands.get(i)) && adds(operands.get(i), operands.get(j), operator)) {
                    CelExpr spare = operands.get(i);
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

    private boolean isOpen(CelExpr part) {
        try {
            return !NormalForm.of(syntax, part, true).isImpossible()
                    && !NormalForm.of(syntax, part, false).isImpossible();
        } catch (NormalForm.TooManyWays tooMany) {
            return false;
        }
    }

    private boolean adds(CelExpr spare, CelExpr other, String operator) {
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

package io.gatepost.tools.explain;

import io.gatepost.tools.explain.Ruleset.RuleCondition;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What one side's rules compare and the other's do not, and what can't be told of it. Not instantiable. */
final class RuleChanges {
    private RuleChanges() {}

    /** What both compare last. */
    static List<Atom> changedFirst(List<@Nullable Ruleset> sides, ConditionReader conditions) {
        Set<Atom> changed = changed(sides);
        return Stream.concat(changed.stream(), conditions.atoms().stream().filter(atom -> !changed.contains(atom)))
                .toList();
    }

    /** Of the rules that the other side does not have alike. */
    private static Set<Atom> changed(List<@Nullable Ruleset> sides) {
        Set<Atom> changed = new LinkedHashSet<>();
        for (int i = 0; i < sides.size(); i++) {
            List<RuleCondition> others = rules(sides.get(1 - i));
            for (RuleCondition rule : rules(sides.get(i))) {
                if (others.stream().noneMatch(other -> isSame(rule, other))) {
                    addAtoms(rule.condition(), changed);
                }
            }
        }
        return changed;
    }

    private static boolean isSame(RuleCondition one, RuleCondition other) {
        return one.action() == other.action()
                && one.onError() == other.onError()
                && one.condition().equals(other.condition());
    }

    private static List<RuleCondition> rules(@Nullable Ruleset side) {
        return side == null ? List.of() : side.rules();
    }

    private static void addAtoms(Condition condition, Set<Atom> atoms) {
        if (condition.atom() != null) {
            atoms.add(condition.atom());
        }
        condition.parts().forEach(part -> addAtoms(part, atoms));
    }

    static List<String> untold(List<@Nullable Ruleset> sides, List<Atom> atoms, boolean cut) {
        Set<Atom> changed = changed(sides);
        List<String> untold = new ArrayList<>();
        if (changed.isEmpty() && Objects.equals(sides.get(0), sides.get(1))) {
            return untold;
        }
        for (Atom atom : atoms) {
            String what = what(atom, changed.contains(atom));
            if (what != null) {
                rulesOf(atom, sides).forEach(rule -> untold.add("rule of " + rule + " " + what));
            }
        }
        if (cut) {
            untold.add("the rules compare so much that not all of it was tried together: pairs of values were");
        }
        return untold;
    }

    private static @Nullable String what(Atom atom, boolean changed) {
        if (!atom.cameBothWays() && !atom.reads().isEmpty()) {
            return "compares `" + atom.text() + "`, which came out " + (atom.cameTrue() ? "true" : "false")
                    + " for all values tried";
        }
        return changed && !atom.calls().isEmpty()
                ? "calls `" + String.join("`, `", atom.calls()) + "` in `" + atom.text()
                        + "`: of the values that it may tell apart some were tried"
                : null;
    }

    private static Set<String> rulesOf(Atom atom, List<@Nullable Ruleset> sides) {
        Set<String> told = new LinkedHashSet<>();
        for (Ruleset side : sides) {
            for (RuleCondition rule : rules(side)) {
                Set<Atom> atoms = new LinkedHashSet<>();
                addAtoms(rule.condition(), atoms);
                if (atoms.contains(atom)) {
                    told.add(rule.told());
                }
            }
        }
        return told;
    }
}

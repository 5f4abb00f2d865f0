package io.gatepost.tools.suite;

import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Finds a rule by what a test calls it: its policy and index, its place, its text, or a part of its text. */
final class RuleReferences {
    private final Map<String, MatchExpression> byIndex = new LinkedHashMap<>();

    RuleReferences(List<TrafficPolicy> policies) {
        for (TrafficPolicy policy : policies) {
            int index = 0;
            for (MatchExpression rule : rules(policy)) {
                byIndex.put(policy.name() + "[" + index++ + "]", rule);
            }
        }
    }

    static List<MatchExpression> rules(TrafficPolicy policy) {
        return policy.authorization() == null
                ? List.of()
                : policy.authorization().matchExpressions();
    }

    /** The rule; null where none or several are meant. */
    @Nullable
    MatchExpression find(String reference) {
        String text = withoutBlanks(reference);
        List<Predicate<Map.Entry<String, MatchExpression>>> ways = List.of(
                rule -> rule.getKey().equals(reference) || rule.getKey().endsWith("/" + reference),
                rule -> isAt(reference, rule.getValue()),
                rule -> withoutBlanks(rule.getValue().text()).equals(text),
                rule -> withoutBlanks(rule.getValue().text()).contains(text));
        for (Predicate<Map.Entry<String, MatchExpression>> way : ways) {
            List<MatchExpression> found = byIndex.entrySet().stream()
                    .filter(way)
                    .map(Map.Entry::getValue)
                    .toList();
            if (!found.isEmpty()) {
                return found.size() == 1 ? found.get(0) : null;
            }
        }
        return null;
    }

    String problem(String reference) {
        String text = withoutBlanks(reference);
        long several = byIndex.values().stream()
                .filter(rule -> withoutBlanks(rule.text()).contains(text))
                .count();
        String known = byIndex.isEmpty() ? "" : ": `" + String.join("`, `", byIndex.keySet()) + "`";
        return (several > 1 ? several + " rules have this text" : "no rule has this text")
                + "; give the whole expression, its place, or its policy and index" + known;
    }

    /** Such as {@code policy.yaml:12} or {@code policy.yaml:12:9}. */
    private static boolean isAt(String reference, MatchExpression rule) {
        String place = rule.origin().place();
        String line = place.substring(0, Math.max(0, place.lastIndexOf(':')));
        return reference.indexOf(':') > 0
                && (place.equals(reference)
                        || line.equals(reference)
                        || place.endsWith("/" + reference)
                        || line.endsWith("/" + reference));
    }

    private static String withoutBlanks(String text) {
        return text.replaceAll("\\s+", "");
    }
}

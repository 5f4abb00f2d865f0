package io.gatepost.tools.lint;

import io.gatepost.policy.model.TrafficPolicy;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@link LintRule#SECRET_IN_RULE} finds in policies, so that a tool that quotes a rule does not pass it on.
 * Immutable.
 */
public final class RuleSecrets {
    private final List<String> secrets;

    private RuleSecrets(List<String> secrets) {
        this.secrets = secrets;
    }

    /**
     * Looks for secrets.
     *
     * @param policies where they may stand
     * @return what was found
     */
    public static RuleSecrets of(Collection<TrafficPolicy> policies) {
        return new RuleSecrets(policies.stream()
                .flatMap(policy -> RuleSyntax.of(policy).stream())
                .flatMap(rule -> WrittenSecrets.check(rule, none -> {}).stream())
                .distinct()
                .sorted(Comparator.comparing(String::length).reversed())
                .toList());
    }

    /**
     * Hides them.
     *
     * @param text a text that may quote rules, or JSON
     * @return the same with {@code <redacted>} in their places
     */
    public String hide(String text) {
        String hidden = text;
        for (String secret : secrets) {
            String quoted = JsonMapper.shared().writeValueAsString(secret);
            hidden = hidden.replace(quoted.substring(1, quoted.length() - 1), "<redacted>")
                    .replace(secret, "<redacted>");
        }
        return hidden;
    }
}

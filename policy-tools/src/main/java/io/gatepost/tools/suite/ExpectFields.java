package io.gatepost.tools.suite;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads what a test expects. */
final class ExpectFields {
    private static final String ALLOW = "allow";
    private static final String DENY = "deny";

    private final Findings findings;
    private final RuleReferences rules;

    ExpectFields(Findings findings, List<TrafficPolicy> policies) {
        this.findings = findings;
        rules = new RuleReferences(policies);
    }

    /** {@code expect} of a test: {@code allow}, {@code deny}, the reason of a refusal, or a map. */
    Expectation read(Fields test) {
        if (test.isText("expect")) {
            String word = word(test, "expect", words());
            boolean isReason = word != null && !word.equals(ALLOW) && !word.equals(DENY);
            return new Expectation(ALLOW.equals(word), isReason ? word : null, null, null, null);
        }
        Fields fields = test.fields("expect");
        return fields == null ? new Expectation(false, null, null, null, null) : map(fields);
    }

    private Expectation map(Fields fields) {
        String decision = word(fields, "decision", List.of(ALLOW, DENY));
        String reason = word(fields, "reason", reasons());
        Integer status = fields.integer("status", 400, 599);
        MatchExpression rule = rule(fields);
        String explanation = fields.rawText("explanation");
        boolean refusal = fields.has("reason") || fields.has("status");
        if (!fields.has("decision") && !refusal) {
            fields.require("decision");
        }
        if (ALLOW.equals(decision) && refusal) {
            findings.error(
                    fields.keyOrigin(fields.has("reason") ? "reason" : "status"),
                    "a request that is allowed has no such thing; leave it out, or expect `deny`");
        }
        fields.done();
        return new Expectation(ALLOW.equals(decision), reason, status, rule, explanation);
    }

    private @Nullable MatchExpression rule(Fields fields) {
        String reference = fields.rawText("rule");
        MatchExpression rule = reference == null ? null : rules.find(reference);
        if (reference != null && rule == null) {
            findings.error(fields.origin("rule"), rules.problem(reference));
        }
        return rule;
    }

    /** A word as {@code decide} prints it, or as Java has it. */
    private @Nullable String word(Fields fields, String name, List<String> known) {
        String written = fields.text(name, 1, 100);
        if (written == null) {
            return null;
        }
        String plain = written.toLowerCase(Locale.ROOT).replace('-', '_');
        if (known.contains(plain)) {
            return plain;
        }
        String expected = known.size() > 4 ? "`allow`, `deny` or a reason of a refusal" : "`allow` or `deny`";
        findings.error(
                fields.origin(name),
                "expected " + (name.equals("reason") ? "a reason of a refusal, such as `rule_denied`" : expected)
                        + ", found `" + written + "`" + Diagnostic.didYouMean(written, known));
        return null;
    }

    private static List<String> words() {
        List<String> words = new ArrayList<>(List.of(ALLOW, DENY));
        words.addAll(reasons());
        return words;
    }

    private static List<String> reasons() {
        List<String> reasons = new ArrayList<>(Arrays.stream(DenyReason.values())
                .map(reason -> reason.name().toLowerCase(Locale.ROOT))
                .toList());
        reasons.add(Answer.BODY_REJECTED);
        return reasons;
    }
}

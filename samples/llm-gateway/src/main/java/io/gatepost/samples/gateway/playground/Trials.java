package io.gatepost.samples.gateway.playground;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.document.Document;
import io.gatepost.policy.document.Documents;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.document.PolicyReader.AcceptedPolicy;
import io.gatepost.policy.forward.RejectedRequestException;
import io.gatepost.policy.model.Diagnostic;
import io.gatepost.policy.model.Diagnostic.Severity;
import io.gatepost.policy.model.InvalidPolicyException;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.testkit.explain.Explained;
import io.gatepost.testkit.explain.Explainer;
import io.gatepost.testkit.explain.Guard;
import io.gatepost.testkit.lint.Finding;
import io.gatepost.testkit.lint.Lint;
import io.gatepost.testkit.suite.AskedRequest;
import io.gatepost.testkit.suite.UnreadableRequestException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Decides on what the page holds: nothing is read but what it sends. Thread-safe. */
final class Trials {
    private static final CelExpressionCompiler EXPRESSIONS = new CelExpressionCompiler();

    private static final String SOURCE = "policy";
    private static final Duration LONGEST = Duration.ofSeconds(3);

    private Trials() {}

    /**
     * Answers with {@code diagnostics} and, where the policies can be used, with {@code findings} of lint and with what
     * {@link Explained#json} says; a request that can't be read gives {@code problem}.
     */
    static ObjectNode answer(JsonNode asked) {
        ObjectNode answer = AskedRequest.JSON.createObjectNode();
        List<Diagnostic> found = new ArrayList<>();
        String policy = asked.path("policy").asString("");
        List<TrafficPolicy> policies = policies(policy, found);
        if (found.stream().noneMatch(Diagnostic::isError)) {
            ArrayNode findings = answer.putArray("findings");
            lint(policies, policy).forEach(finding -> write(finding, findings.addObject()));
            try {
                decide(policies, AskedRequest.of(asked), found, answer);
            } catch (UnreadableRequestException e) {
                answer.put("problem", e.getMessage());
            } catch (InvalidPolicyException e) {
                e.diagnostics().stream()
                        .filter(diagnostic -> !found.contains(diagnostic))
                        .forEach(found::add);
            }
        }
        found.sort(Findings.BY_POSITION);
        ArrayNode diagnostics = answer.putArray("diagnostics");
        found.forEach(diagnostic -> write(diagnostic, diagnostics.addObject()));
        return answer;
    }

    private static List<TrafficPolicy> policies(String text, List<Diagnostic> found) {
        Findings findings = new Findings(Severity.ERROR);
        List<TrafficPolicy> policies = new ArrayList<>();
        for (Document document : new Documents(findings).parse(SOURCE, text)) {
            if (!PolicyReader.isPolicy(document)) {
                findings.warning(
                        document.fields().origin("kind"),
                        "`" + document.kind()
                                + "` is passed over: all policies apply to the request, whatever they target");
            } else if (PolicyReader.read(document, findings) instanceof AcceptedPolicy accepted) {
                policies.add(accepted.policy());
            }
        }
        found.addAll(findings.diagnostics());
        return policies;
    }

    /** With given claims no key is looked at; without, keys that are elsewhere are taken for ones that nobody has. */
    private static void decide(
            List<TrafficPolicy> policies, AskedRequest asked, List<Diagnostic> found, ObjectNode answer) {
        List<TrafficPolicy> sealed = policies.stream()
                .map(policy -> UnreadKeys.sealed(policy, asked.token() == null ? found : new ArrayList<>()))
                .toList();
        found.addAll(check(sealed));
        VerifiedToken token = asked.token();
        try {
            PolicyRequest request = asked.build(true);
            Guard guard = Guard.of(token == null ? sealed : policies);
            Explained explained = new Explainer(EXPRESSIONS, null, Clock.systemUTC())
                    .searchingFor(LONGEST)
                    .explain(guard, request, token == null ? null : token.claims());
            answer.setAll((ObjectNode) AskedRequest.JSON.readTree(explained.json()));
            if (explained.decision() instanceof Decision.Deny deny && deny.challenge() != null) {
                answer.put("challenge", deny.challenge());
            }
        } catch (IllegalArgumentException e) {
            refuse(answer, 400, DenyReason.REQUEST_MALFORMED.name(), String.valueOf(e.getMessage()));
        } catch (RejectedRequestException e) {
            refuse(answer, e.response().status(), "BODY_REJECTED", "the body cannot be read for the rules");
        }
    }

    /** All policies apply together; no file of keys is read. */
    private static List<Finding> lint(List<TrafficPolicy> policies, String text) {
        List<TrafficPolicy> sealed =
                policies.stream().map(UnreadKeys::withoutFiles).toList();
        return new Lint(Clock.systemUTC())
                .policies(sealed, List.of(Guard.of(sealed)))
                .findings(Map.of(SOURCE, text));
    }

    private static List<Diagnostic> check(List<TrafficPolicy> policies) {
        if (policies.isEmpty()) {
            return List.of();
        }
        try (PolicyEngine engine = PolicyEngine.builder()
                .policies(policies)
                .ignoringTargets()
                .allowingEverything()
                .expressions(EXPRESSIONS)
                .build()) {
            return engine.warnings();
        }
    }

    /** What is refused before any policy is asked. */
    private static void refuse(ObjectNode answer, int status, String reason, String summary) {
        answer.put("decision", "deny")
                .put("status", status)
                .put("reason", reason.toLowerCase(Locale.ROOT))
                .put("summary", summary);
        answer.putArray("tree");
        answer.putArray("cures");
    }

    private static void write(Diagnostic diagnostic, ObjectNode object) {
        object.put("severity", diagnostic.isError() ? "error" : "warning")
                .put("line", diagnostic.origin().line())
                .put("column", diagnostic.origin().column())
                .put("path", diagnostic.origin().path())
                .put("message", diagnostic.message());
    }

    private static void write(Finding finding, ObjectNode object) {
        object.put("rule", finding.rule().id())
                .put("level", finding.level().toString())
                .put("line", finding.origin().line())
                .put("column", finding.origin().column())
                .put("message", finding.message())
                .put("cure", finding.rule().cure());
    }
}

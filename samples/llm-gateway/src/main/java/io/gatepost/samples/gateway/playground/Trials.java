package io.gatepost.samples.gateway.playground;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.cel.LinearRegex;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.forward.Entry;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.samples.gateway.server.Limits;
import io.gatepost.tools.explain.Explained;
import io.gatepost.tools.explain.Explainer;
import io.gatepost.tools.lint.Finding;
import io.gatepost.tools.lint.Lint;
import io.gatepost.tools.suite.AskedRequest;
import io.gatepost.tools.suite.Engines;
import io.gatepost.tools.suite.ExplainedRequest;
import io.gatepost.tools.suite.UnreadableRequestException;
import io.gatepost.tools.suite.UnroutedRequestException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Decides on what the page holds: nothing is read but what it sends. Thread-safe. */
final class Trials {
    private static final CelExpressionCompiler EXPRESSIONS = new CelExpressionCompiler();

    private static final String SOURCE = "policy";
    private static final Duration LONGEST = Duration.ofSeconds(3);

    /** As it is behind the gateway's own server. */
    private static final Entry ENTRY = Entry.DEFAULT
            .standingForServer(Limits.DEFAULT.headerBytes())
            .withHeader("X-Request-Id", "00000000-0000-4000-8000-000000000000");

    private Trials() {}

    /**
     * Answers with {@code diagnostics} and, where the policies can be used, with {@code findings} of lint and with what
     * {@link Explained#json} says; a request that can't be read gives {@code problem}.
     */
    static ObjectNode answer(JsonNode asked) {
        ObjectNode answer = AskedRequest.JSON.createObjectNode();
        List<Diagnostic> found = new ArrayList<>();
        String text = asked.path("policy").asString("");
        Manifests manifests = Manifests.parse(SOURCE, text, LinearRegex::of);
        found.addAll(manifests.diagnostics());
        found.addAll(manifests.gateways().isEmpty() ? List.of() : manifests.danglingReferences());
        if (found.stream().noneMatch(Diagnostic::isError)) {
            ArrayNode findings = answer.putArray("findings");
            lint(manifests, text).forEach(finding -> write(finding, findings.addObject()));
            try {
                decide(manifests, AskedRequest.of(request(asked)), route(asked), found, answer);
            } catch (UnreadableRequestException | UnroutedRequestException e) {
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

    /** What {@code decide} would read. */
    private static JsonNode request(JsonNode asked) {
        return asked instanceof ObjectNode object ? object.deepCopy().remove(List.of("policy", "route")) : asked;
    }

    private static @Nullable String route(JsonNode asked) throws UnreadableRequestException {
        JsonNode route = asked.path("route");
        if (route.isMissingNode() || route.isNull()) {
            return null;
        }
        if (!route.isString()) {
            throw new UnreadableRequestException("route: expected a text");
        }
        return route.stringValue();
    }

    /** With given claims no key is looked at; without, keys that are elsewhere are taken for ones that nobody has. */
    private static void decide(
            Manifests manifests, AskedRequest asked, @Nullable String route, List<Diagnostic> found, ObjectNode answer)
            throws UnroutedRequestException {
        List<TrafficPolicy> sealed = manifests.policies().stream()
                .map(policy -> UnreadKeys.sealed(policy, asked.token() == null ? found : new ArrayList<>()))
                .toList();
        found.addAll(check(sealed));
        PageRoutes routes = new PageRoutes(manifests, asked.token() == null ? sealed : manifests.policies());
        Instant at = asked.at();
        Clock clock = at == null ? Clock.systemUTC() : Clock.fixed(at, ZoneOffset.UTC);
        try (KeySources keys = KeySources.create();
                Engines engines = new Engines(keys)) {
            ExplainedRequest told = ExplainedRequest.of(
                    asked,
                    routes.named(route),
                    new ExplainedRequest.Tools(
                            ENTRY,
                            routes.routing(route),
                            new Explainer(EXPRESSIONS, null, clock).searchingFor(LONGEST),
                            engines));
            answer.setAll((ObjectNode) AskedRequest.JSON.readTree(told.json()));
            Explained explained = told.explained();
            if (explained != null && explained.decision() instanceof Decision.Deny deny && deny.challenge() != null) {
                answer.put("challenge", deny.challenge());
            }
        }
    }

    /** No file of keys is read. */
    private static List<Finding> lint(Manifests manifests, String text) {
        List<TrafficPolicy> sealed =
                manifests.policies().stream().map(UnreadKeys::withoutFiles).toList();
        return new Lint(Clock.systemUTC())
                .policies(sealed, new PageRoutes(manifests, sealed).guards())
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

package io.gatepost.samples.gateway.server;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.document.PolicyReader.RejectedPolicy;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.model.TrafficPolicy.Inheritance;
import io.gatepost.policy.token.TokenCacheState;
import io.gatepost.routes.manifest.Attachment;
import io.gatepost.routes.manifest.Gateway;
import io.gatepost.routes.manifest.Gateway.Listener;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.samples.gateway.observe.DecisionLog;
import io.gatepost.samples.gateway.observe.Observer;
import io.undertow.server.HttpHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Puts policies in front of handlers. Where a policy is invalid and only its targets are to be closed, what of it is
 * valid still counts: without a token the answer is 401 and not 403 where its authentication can be read.
 */
final class Guards implements AutoCloseable {
    private static final CelExpressionCompiler EXPRESSIONS = new CelExpressionCompiler();
    private static final String CHALLENGE = "Bearer realm=\"gatepost\"";

    /** What of a policy is invalid. */
    private enum Flaw {
        RULES,
        AUTHENTICATION
    }

    /** What an engine is made from: routes of several listeners share theirs. */
    private record Applied(
            String route,
            @Nullable JwtAuthentication jwt,
            List<TrafficPolicy> authorizing,
            List<TrafficPolicy> shadows) {}

    private final KeySources keys;
    private final Executor verifiers;
    private final Observer observer;
    private final List<TrafficPolicy> policies = new ArrayList<>();
    private final Map<TrafficPolicy, Flaw> flaws = new HashMap<>();
    private final Map<Applied, PolicyEngine> engines = new HashMap<>();
    private final List<Diagnostic> found = new ArrayList<>();
    private @Nullable Flaw flawOfUnknownTargets;
    private @Nullable ObjectName unknownTargets;

    Guards(Manifests manifests, KeySources keys, Executor verifiers, Observer observer) {
        this.keys = keys;
        this.verifiers = verifiers;
        this.observer = observer;
        try {
            manifests.policies().forEach(this::examine);
            manifests.rejectedPolicies().forEach(this::close);
        } catch (Throwable problem) {
            close();
            throw problem;
        }
    }

    /** What the policies say wrongly or doubtfully beyond what their documents show: keys and expressions. */
    List<Diagnostic> diagnostics() {
        return List.copyOf(found);
    }

    private void examine(TrafficPolicy policy) {
        try {
            if (decides(policy)) {
                found.addAll(alone(policy).warnings());
            }
            policies.add(policy);
        } catch (InvalidPolicyException invalid) {
            found.addAll(invalid.diagnostics());
            TrafficPolicy left = policy.withAuthorization(null);
            if (isValid(left)) {
                add(left, Flaw.RULES);
            } else {
                add(left.withJwtAuthentication(null), Flaw.AUTHENTICATION);
            }
        }
    }

    /** Others say who may call from a browser, or are what is left of an invalid one: no engine is asked for them. */
    private static boolean decides(TrafficPolicy policy) {
        return policy.jwtAuthentication() != null || policy.authorization() != null;
    }

    private boolean isValid(TrafficPolicy policy) {
        try {
            return !decides(policy) || alone(policy) != null;
        } catch (InvalidPolicyException invalid) {
            return false;
        }
    }

    private void close(RejectedPolicy policy) {
        Flaw flaw = policy.authenticates() && policy.jwtAuthentication() == null ? Flaw.AUTHENTICATION : Flaw.RULES;
        if (!policy.targetsReadable()) {
            flawOfUnknownTargets = flaw;
            unknownTargets = policy.name();
            return;
        }
        TrafficPolicy left = new TrafficPolicy(
                policy.name(),
                policy.targetRefs(),
                policy.targetRefs().isEmpty() ? policy.targetSelectors() : List.of(),
                policy.phase(),
                Inheritance.DEFAULT,
                policy.jwtAuthentication(),
                null,
                policy.origin());
        if (isValid(left)) {
            add(left, flaw);
        } else {
            add(left.withJwtAuthentication(null), Flaw.AUTHENTICATION);
        }
    }

    private void add(TrafficPolicy policy, Flaw flaw) {
        policies.add(policy);
        flaws.put(policy, flaw);
    }

    /** What is in force: whole policies, and of invalid ones what of them still counts. */
    List<TrafficPolicy> inForce() {
        return List.copyOf(policies);
    }

    /** What the engines' memories of verified tokens come to together. */
    TokenCacheState tokenCaches() {
        List<TokenCacheState> states =
                engines.values().stream().map(PolicyEngine::tokenCache).toList();
        return new TokenCacheState(
                states.stream().mapToLong(TokenCacheState::hits).sum(),
                states.stream().mapToLong(TokenCacheState::misses).sum(),
                states.stream().mapToLong(TokenCacheState::size).sum());
    }

    /** What answers on no listener at all: nothing but a policy whose targets nobody knows can be meant for it. */
    HttpHandler unrouted(Enforcement enforcement) {
        return flawOfUnknownTargets == null
                ? enforcement.noRoute()
                : closed("none", flawOfUnknownTargets, unknownTargets, enforcement);
    }

    HttpHandler preRouting(
            String route, Gateway gateway, Listener listener, Enforcement enforcement, HttpHandler next) {
        return guard(route, Attachment.preRouting(gateway, listener, policies), enforcement, next);
    }

    HttpHandler postRouting(Attachment at, Enforcement enforcement) {
        String route = at.route().name().toString();
        return guard(route, at.postRouting(policies), enforcement, enforcement.allowed(at.rule()));
    }

    /** The invalid policies that close what this one guards; empty where it is open to whom it allows. */
    List<ObjectName> closing(EffectivePolicy policy) {
        return unknownTargets != null
                ? List.of(unknownTargets)
                : policy.policies().stream()
                        .filter(flaws::containsKey)
                        .map(TrafficPolicy::name)
                        .toList();
    }

    /** The policies that stand between everyone and what this one guards; empty where it is open. */
    Set<ObjectName> guarding(EffectivePolicy policy) {
        Set<ObjectName> guarding = new HashSet<>(closing(policy));
        policy.authorizing().forEach(one -> guarding.add(one.name()));
        if (policy.authenticating() != null) {
            guarding.add(policy.authenticating().name());
        }
        return guarding;
    }

    private HttpHandler guard(String route, EffectivePolicy policy, Enforcement enforcement, HttpHandler next) {
        List<ObjectName> closing = closing(policy);
        ObjectName first = closing.isEmpty() ? null : closing.get(0);
        if (flawOfUnknownTargets != null) {
            return closed(route, flawOfUnknownTargets, first, enforcement);
        }
        Set<Flaw> invalid = policy.policies().stream()
                .filter(flaws::containsKey)
                .map(flaws::get)
                .collect(Collectors.toSet());
        if (invalid.contains(Flaw.AUTHENTICATION)) {
            return closed(route, Flaw.AUTHENTICATION, first, enforcement);
        }
        HttpHandler behind = invalid.isEmpty() ? next : closed(route, Flaw.RULES, first, enforcement);
        return policy.policies().stream().noneMatch(Guards::decides)
                ? behind
                : enforcement.guard(engine(route, policy), observer.of(route, authenticating(policy)), behind);
    }

    private HttpHandler closed(String route, Flaw flaw, @Nullable ObjectName invalid, Enforcement enforcement) {
        Explanation why = new Explanation("the policy of this target is invalid", List.of());
        Decision.Deny deny = flaw == Flaw.AUTHENTICATION
                ? new Decision.Deny(DenyReason.TOKEN_MISSING, CHALLENGE, why)
                : new Decision.Deny(DenyReason.POLICY_INVALID, null, why);
        return enforcement.refuse(deny, observer.of(route, invalid));
    }

    private static @Nullable ObjectName authenticating(EffectivePolicy policy) {
        TrafficPolicy authenticating = policy.authenticating();
        return authenticating == null ? null : authenticating.name();
    }

    private PolicyEngine alone(TrafficPolicy policy) {
        return engine(policy.name().toString(), EffectivePolicy.of(List.of(policy)));
    }

    private PolicyEngine engine(String route, EffectivePolicy policy) {
        Applied applied = new Applied(route, policy.jwtAuthentication(), policy.authorizing(), policy.shadows());
        PolicyEngine known = engines.get(applied);
        if (known != null) {
            return known;
        }
        DecisionLog log = observer.of(route, authenticating(policy));
        PolicyEngine made = PolicyEngine.builder()
                .policy(policy)
                // A policy may have parts that are others' to enforce, such as `cors`.
                .allowingEverything()
                .expressions(EXPRESSIONS)
                .keys(keys)
                .verifyOn(verifiers)
                .listener(log)
                .build();
        log.explainBy(policy, made);
        engines.put(applied, made);
        return made;
    }

    @Override
    public void close() {
        engines.values().forEach(PolicyEngine::close);
    }
}

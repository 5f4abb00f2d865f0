package io.gatepost.routes.manifest;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.PolicyReader.RejectedPolicy;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.TargetRef;
import io.gatepost.policy.model.TargetSelector;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.HttpRoute.BackendRef;
import io.gatepost.routes.manifest.HttpRoute.ParentRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks for what manifests refer to and what is not among them. */
final class References {
    private static final String UNANSWERED = "routes that need it answer 500";
    private final Manifests manifests;
    private final Map<String, Set<ObjectName>> names = new HashMap<>();
    private final List<Diagnostic> found = new ArrayList<>();

    References(Manifests manifests) {
        this.manifests = manifests;
        manifests.gateways().forEach(gateway -> add("Gateway", gateway.name()));
        manifests.routes().forEach(route -> add("HTTPRoute", route.name()));
        manifests.backends().forEach(backend -> add("AgentgatewayBackend", backend.name()));
        manifests.secrets().forEach(secret -> add("Secret", secret.name()));
        manifests.services().forEach(service -> add("Service", service.name()));
        manifests.configMaps().forEach(map -> add("ConfigMap", map.name()));
    }

    private void add(String kind, ObjectName name) {
        names.computeIfAbsent(kind, key -> new HashSet<>()).add(name);
    }

    /**
     * Nothing where a document can't be read: it may be the one that is referred to, or refers to what it should not.
     */
    List<Diagnostic> dangling() {
        if (!manifests.soundBesidePolicies()) {
            return List.of();
        }
        manifests.routes().forEach(this::route);
        manifests.backends().forEach(this::backend);
        manifests.backendTls().forEach(this::backendTls);
        manifests.policies().forEach(this::policy);
        manifests.rejectedPolicies().stream().filter(this::isNamed).forEach(policy -> {
            policy.targetRefs().forEach(target -> target(target, policy.name(), policy.origin()));
            policy.targetSelectors().forEach(selector -> selector(selector, policy.name(), policy.origin()));
        });
        return List.copyOf(found);
    }

    /** Whether a policy's name and namespace, where its targets are looked for, can be read. */
    private boolean isNamed(RejectedPolicy policy) {
        int start = policy.origin().line();
        int end = manifests.documents().stream()
                .filter(next -> next.origin().source().equals(policy.origin().source()))
                .mapToInt(next -> next.origin().line())
                .filter(line -> line > start)
                .min()
                .orElse(Integer.MAX_VALUE);
        return manifests.diagnostics().stream()
                .filter(Diagnostic::isError)
                .map(Diagnostic::origin)
                .filter(at -> at.source().equals(policy.origin().source()) && at.line() >= start && at.line() < end)
                .noneMatch(at -> at.path().startsWith("metadata.")
                        || Diagnostic.probablyMeant(at.path(), Set.of("metadata"))
                                .isPresent());
    }

    /** @param otherwise what it means that it is not there */
    private boolean check(String kind, ObjectName name, Origin origin, String otherwise) {
        boolean there = names.getOrDefault(kind, Set.of()).contains(name);
        if (!there) {
            found.add(Diagnostic.warning(
                    origin,
                    kind + " `" + name + "` is not in these files: add it or correct the name; until then "
                            + otherwise));
        }
        return there;
    }

    private void route(HttpRoute route) {
        if (route.parentRefs().isEmpty()) {
            found.add(Diagnostic.warning(route.origin(), "a route without `parentRefs` is not served"));
        }
        for (ParentRef parent : route.parentRefs()) {
            if (check(parent.kind(), parent.name(), parent.origin(), "it serves no such route")
                    && parent.sectionName() != null) {
                section(parent.kind(), parent.name(), parent.sectionName(), parent.origin());
            }
        }
        for (HttpRoute.Rule rule : route.rules()) {
            for (BackendRef backend : rule.backendRefs()) {
                check(backend.kind(), backend.name(), backend.origin(), UNANSWERED);
            }
        }
    }

    private void section(String kind, ObjectName name, String section, Origin origin) {
        if (!sections(kind, name).contains(section)) {
            found.add(Diagnostic.warning(origin, kind + " `" + name + "` has no section `" + section + "`"));
        }
    }

    private List<String> sections(String kind, ObjectName name) {
        if (kind.equals("Gateway")) {
            return manifests.gateways().stream()
                    .filter(gateway -> gateway.name().equals(name))
                    .flatMap(gateway -> gateway.listeners().stream().map(Gateway.Listener::name))
                    .toList();
        }
        return manifests.routes().stream()
                .filter(route -> route.name().equals(name))
                .flatMap(route -> route.rules().stream())
                .flatMap(rule -> rule.name() == null ? Stream.of() : Stream.of(rule.name()))
                .toList();
    }

    private void backend(Backend backend) {
        if (backend.auth() instanceof Backend.SecretRef ref) {
            secret(ref);
        }
        authorities(backend.tls());
    }

    private void secret(Backend.SecretRef ref) {
        String key = ref.key() == null ? "Authorization" : ref.key();
        if (check("Secret", ref.name(), ref.origin(), UNANSWERED)
                && manifests.secrets().stream()
                        .noneMatch(secret -> secret.name().equals(ref.name())
                                && secret.values().containsKey(key))) {
            found.add(Diagnostic.warning(
                    ref.origin(),
                    "Secret `" + ref.name() + "` has no value `" + key + "`: add it to its `stringData`; until then "
                            + UNANSWERED));
        }
    }

    private void authorities(@Nullable Tls tls) {
        if (tls != null) {
            tls.caCertificateRefs().forEach(name -> check("ConfigMap", name, tls.origin(), UNANSWERED));
        }
    }

    private void backendTls(BackendTlsPolicy policy) {
        for (TargetRef target : policy.targetRefs()) {
            check(
                    target.kind(),
                    new ObjectName(policy.name().namespace(), target.name()),
                    policy.origin(),
                    "its connections are not secured so");
        }
        authorities(policy.tls());
    }

    private void policy(TrafficPolicy policy) {
        policy.targetRefs().forEach(target -> target(target, policy.name(), policy.origin()));
        policy.targetSelectors().forEach(selector -> selector(selector, policy.name(), policy.origin()));
        if (policy.jwtAuthentication() != null) {
            policy.jwtAuthentication().providers().forEach(this::keys);
        }
    }

    private void target(TargetRef target, ObjectName policy, Origin origin) {
        ObjectName name = new ObjectName(policy.namespace(), target.name());
        if (isServed(target.kind(), origin)
                && check(target.kind(), name, origin, "the policy guards nothing there")
                && target.sectionName() != null) {
            section(target.kind(), name, target.sectionName(), origin);
        }
    }

    private boolean isServed(String kind, Origin origin) {
        boolean served = kind.equals("Gateway") || kind.equals("HTTPRoute");
        if (!served) {
            found.add(Diagnostic.warning(origin, "a " + kind + " is not served: a policy on it guards nothing"));
        }
        return served;
    }

    private void selector(TargetSelector selector, ObjectName policy, Origin origin) {
        boolean matches = manifests.gateways().stream()
                        .anyMatch(gateway -> selector.kind().equals("Gateway")
                                && selects(policy, selector, gateway.name(), gateway.labels()))
                || manifests.routes().stream()
                        .anyMatch(route -> selector.kind().equals("HTTPRoute")
                                && selects(policy, selector, route.name(), route.labels()));
        if (isServed(selector.kind(), origin) && !matches) {
            found.add(Diagnostic.warning(
                    origin, "no " + selector.kind() + " in these files bears the labels of `targetSelectors`"));
        }
    }

    private static boolean selects(
            ObjectName policy, TargetSelector selector, ObjectName name, Map<String, String> labels) {
        return name.namespace().equals(policy.namespace())
                && labels.entrySet().containsAll(selector.matchLabels().entrySet());
    }

    private void keys(JwtProvider provider) {
        if (provider.jwks() instanceof JwksSource.RemoteBackend backend) {
            check(
                    backend.kind(),
                    new ObjectName(backend.namespace(), backend.name()),
                    backend.origin(),
                    "requests with a token of this issuer get 503");
        }
    }
}

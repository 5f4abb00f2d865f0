package io.gatepost.samples.gateway;

import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.PolicyTarget;
import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.document.Documents;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.document.PolicyReader.RejectedPolicy;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.DocumentSchema;
import io.gatepost.samples.gateway.PolicyParts.Change;
import io.gatepost.tools.diff.PolicyDiff;
import io.gatepost.tools.diff.PolicyDiff.Side;
import io.gatepost.tools.lint.Lint;
import io.gatepost.tools.lint.RuleSecrets;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything that goes over the parts of a policy. Each walk says which parts it forgets, found by what it does when a
 * part changes, and which parts it leaves out on purpose.
 */
final class PolicyWalks {
    static final String SECRET = "sk-abcdefgh12345678";

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-30T12:00:00Z"), ZoneOffset.UTC);

    /** {@code effective} says who may call and what they may do; how tokens are found and verified, its places tell. */
    private static final Set<String> NOT_IN_EFFECTIVE = Set.of(
            "JwtAuthentication.location",
            "JwtProvider.jwks",
            "JwtProvider.requiredClaims",
            "JwtProvider.clockSkew",
            "JwtProvider.tokenType",
            // The kind of a target settles its group.
            "TargetRef.group",
            "TargetSelector.group");

    private static final Set<String> NOT_IN_LINT = Set.of(
            // A name and a place are no mistakes by themselves.
            "ObjectName.name",
            "Header.name",
            "Header.prefix",
            "Cookie.name",
            "Computed.expression",
            "File.path",
            "RemoteUrl.cacheDuration",
            "RemoteBackend.group",
            "RemoteBackend.kind",
            "RemoteBackend.namespace",
            "RemoteBackend.name",
            "RemoteBackend.port",
            "RemoteBackend.path",
            "RemoteBackend.cacheDuration",
            // What is in shadow is to count one day, and is looked at as if it did.
            "TrafficPolicy.enforcement",
            "Authorization.enforcement",
            // What a policy locks matters only among the policies of one route.
            "TrafficPolicy.inheritance");

    /** Nothing is compared there, so no secret is written. */
    private static final Set<String> NO_SECRETS = Set.of("Computed.expression");

    /** What is called otherwise in documents. */
    private static final Map<String, String> WRITTEN_AS = Map.of(
            "TrafficPolicy.name", "metadata",
            "TrafficPolicy.enforcement", "gatepost.io/enforcement",
            "MatchExpression.text", "matchExpressions",
            "Inline.text", "inline",
            "File.path", "file",
            "RemoteBackend.path", "jwksPath");

    private static final List<TrafficPolicy> SAMPLES =
            PolicySamples.documents().stream().map(PolicySamples::policy).toList();

    /** It is of the gateway's route, and so more specific than the samples. */
    private static final TrafficPolicy CLOSER = PolicySamples.policy("""
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: closer}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                jwtAuthentication: {providers: [{issuer: 'https://closer.example.com', discovery: true}]}
                authorization: {policy: {matchExpressions: ['jwt.team == "green"']}}
            """);

    private static final TrafficPolicy FULL_TARGET = bySource(
            "default",
            "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm, sectionName: http}]",
            "PostRouting");
    private static final TrafficPolicy OTHER_TARGET = bySource(
            "other",
            "targetSelectors: [{group: gateway.networking.k8s.io, kind: Gateway, matchLabels: {a: b}, sectionName: http}]",
            "PreRouting");

    private PolicyWalks() {}

    private static TrafficPolicy bySource(String namespace, String targets, String phase) {
        return PolicySamples.policy("""
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: by-source, namespace: %s}
                spec:
                  %s
                  traffic:
                    phase: %s
                    authorization: {policy: {matchExpressions: ['source.address == "192.0.2.1"']}}
                """.formatted(namespace, targets, phase));
    }

    /** The walks, with the parts that each forgets. */
    static Map<String, Supplier<Set<String>>> all() {
        Map<String, Supplier<Set<String>>> walks = new LinkedHashMap<>();
        walks.put("reading (PolicyReader)", PolicyWalks::neverRead);
        walks.put("what is left of a rejected policy (RejectedPolicy)", PolicyWalks::lostByRejection);
        walks.put("copies (with... and enforced of the records)", () -> unnoticed(PolicyWalks::copiesKeep, Set.of()));
        walks.put("schema (DocumentSchema)", PolicyWalks::notInSchema);
        walks.put("diff (Differences)", () -> unnoticed(PolicyWalks::differ, Set.of()));
        walks.put("effective (EffectivePolicy)", () -> neverNoticed(PolicyWalks::effective, NOT_IN_EFFECTIVE));
        walks.put("lint (Lint)", () -> neverNoticed(PolicyWalks::lint, NOT_IN_LINT));
        walks.put("secrets in rules (RuleSecrets)", () -> unnoticed(PolicyWalks::hidesSecrets, NO_SECRETS));
        return walks;
    }

    /** The parts of which some change goes unnoticed, and those that no sample can change. */
    private static Set<String> unnoticed(BiPredicate<TrafficPolicy, TrafficPolicy> notices, Set<String> leftOut) {
        Set<String> forgotten = new LinkedHashSet<>();
        Set<String> changed = new HashSet<>();
        changes(leftOut, (before, change) -> {
            changed.addAll(change.path());
            if (!notices.test(before, change.changed())) {
                forgotten.add(change.toString());
            }
        });
        PolicyParts.all(leftOut).stream()
                .filter(part -> !changed.contains(part))
                .forEach(forgotten::add);
        return forgotten;
    }

    /** The parts of which no change is noticed. */
    private static Set<String> neverNoticed(Function<TrafficPolicy, String> told, Set<String> leftOut) {
        Set<String> forgotten = PolicyParts.all(leftOut);
        changes(leftOut, (before, change) -> {
            boolean isNews = change.path().stream().anyMatch(forgotten::contains);
            if (isNews && !told.apply(before).equals(told.apply(change.changed()))) {
                forgotten.removeAll(change.path());
            }
        });
        return forgotten;
    }

    private static void changes(Set<String> leftOut, BiConsumer<TrafficPolicy, Change> seen) {
        for (TrafficPolicy sample : SAMPLES) {
            PolicyParts.changes(sample).stream()
                    .filter(change -> change.path().stream().noneMatch(leftOut::contains))
                    .forEach(change -> seen.accept(sample, change));
        }
    }

    /** Documents say one thing only of it, or nothing. */
    private static Set<String> neverRead() {
        Map<String, Set<@Nullable Object>> values = new TreeMap<>();
        SAMPLES.forEach(sample -> PolicyParts.values(
                sample,
                (part, value) ->
                        values.computeIfAbsent(part, none -> new HashSet<>()).add(value)));
        Set<String> unread = PolicyParts.all(Set.of());
        unread.removeIf(part -> values.getOrDefault(part, Set.of()).size() > 1);
        return unread;
    }

    private static Set<String> lostByRejection() {
        Set<String> lost = new LinkedHashSet<>();
        for (String document : PolicySamples.documents()) {
            TrafficPolicy whole =
                    PolicySamples.policy(document.replace("enforcement: shadow", "enforcement: enforced"));
            TrafficPolicy left = rejected(PolicySamples.broken(document)).left();
            for (RecordComponent component : PolicyParts.components(TrafficPolicy.class)) {
                String part = "TrafficPolicy." + component.getName();
                boolean kept = Objects.equals(plain(whole, component), plain(left, component));
                if (!kept
                        && !Set.of("TrafficPolicy.authorization", "TrafficPolicy.inheritance")
                                .contains(part)) {
                    lost.add(part);
                }
            }
        }
        return lost;
    }

    /** Without the lines, which move. */
    private static String plain(TrafficPolicy policy, RecordComponent component) {
        return String.valueOf(PolicyParts.value(policy, component))
                .replaceAll("Origin\\[[^\\]]*]*]|runs=\\[[^\\]]*\\]+", "");
    }

    private static RejectedPolicy rejected(String document) {
        Findings findings = new Findings(Severity.ERROR);
        return (RejectedPolicy) PolicyReader.read(
                new Documents(findings).parse("policy.yaml", document).get(0), findings);
    }

    /** By the names of the properties, for each kind of policy. */
    private static Set<String> notInSchema() {
        JsonNode schema = JsonMapper.shared().valueToTree(DocumentSchema.generate());
        Set<String> missing = new LinkedHashSet<>();
        for (String kind : PolicyReader.apiVersions().keySet()) {
            Set<String> properties = new HashSet<>();
            addProperties(schema.path("definitions").path(kind), properties);
            PolicyParts.all(Set.of()).stream()
                    .filter(part ->
                            !properties.contains(WRITTEN_AS.getOrDefault(part, part.substring(part.indexOf('.') + 1))))
                    .forEach(missing::add);
        }
        return missing;
    }

    private static void addProperties(JsonNode schema, Set<String> names) {
        schema.path("properties").properties().forEach(property -> {
            names.add(property.getKey());
            addProperties(property.getValue(), names);
        });
        if (schema.has("items")) {
            addProperties(schema.path("items"), names);
        }
    }

    private static boolean differ(TrafficPolicy before, TrafficPolicy after) {
        return !PolicyDiff.of(Side.of(List.of(before)), Side.of(List.of(after)), List.of(), 0, CLOCK)
                .differences()
                .isEmpty();
    }

    /** What the policies of a gateway and its route come to, where the route has a policy of its own and where not. */
    private static String effective(TrafficPolicy policy) {
        StringBuilder told = new StringBuilder();
        for (String namespace : List.of("default", "other")) {
            PolicyTarget gateway = PolicyTarget.of("Gateway", new ObjectName(namespace, "llm"), Map.of("a", "b"));
            PolicyTarget route = PolicyTarget.of("HTTPRoute", new ObjectName("default", "chat"), Map.of());
            List<PolicyTarget> targets = List.of(gateway, gateway.section("http"), route);
            for (Phase phase : Phase.values()) {
                told.append(EffectivePolicy.of(targets, phase, List.of(policy))).append('\n');
                told.append(EffectivePolicy.of(targets, phase, List.of(policy, CLOSER)))
                        .append('\n');
            }
        }
        return told.toString();
    }

    /** With another policy of the same target, which makes more of what this one says a mistake. */
    private static String lint(TrafficPolicy policy) {
        return Stream.of(FULL_TARGET, OTHER_TARGET)
                .map(companion -> new Lint(CLOCK)
                        .policies(List.of(policy, companion))
                        .findings(Map.of())
                        .toString())
                .collect(Collectors.joining("\n"));
    }

    /** A secret is hidden wherever it is written. */
    private static boolean hidesSecrets(TrafficPolicy before, TrafficPolicy after) {
        boolean written = after.toString().contains(SECRET);
        return !written || !RuleSecrets.of(List.of(after)).hide(SECRET).equals(SECRET);
    }

    /** A copy is the same, but for the part that it is made for. */
    private static boolean copiesKeep(TrafficPolicy before, TrafficPolicy after) {
        return keeps(after);
    }

    private static boolean keeps(Record whole) {
        boolean kept = Stream.of(whole.getClass().getMethods())
                .filter(method -> method.getReturnType() == whole.getClass())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .allMatch(method -> isKept(whole, method));
        return kept
                && PolicyParts.components(whole.getClass()).stream()
                        .map(component -> PolicyParts.value(whole, component))
                        .flatMap(value -> value instanceof List<?> list ? list.stream() : Stream.ofNullable(value))
                        .allMatch(value -> !(value instanceof Record record) || keeps(record));
    }

    /** What is there already is put in again, so that nothing may change; {@code enforced} takes nothing. */
    private static boolean isKept(Record whole, Method method) {
        List<RecordComponent> components = PolicyParts.components(whole.getClass());
        @Nullable
        Object[] same = Stream.of(whole.getClass().getRecordComponents())
                .filter(component -> method.getName().equals("with" + capital(component.getName())))
                .map(component -> PolicyParts.value(whole, component))
                .toArray();
        Set<String> settled = same.length == 0 ? Set.of("enforcement", "authorization") : Set.of();
        try {
            Record copy = (Record) method.invoke(whole, same);
            return components.stream()
                    .filter(component -> !settled.contains(component.getName()))
                    .allMatch(component ->
                            Objects.equals(PolicyParts.value(whole, component), PolicyParts.value(copy, component)));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(method + " copies otherwise: " + e.getMessage(), e);
        }
    }

    private static String capital(String name) {
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }
}

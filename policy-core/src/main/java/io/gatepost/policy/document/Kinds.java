package io.gatepost.policy.document;

import io.gatepost.policy.diagnostic.Diagnostic;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Knows the kinds of the groups that are read, of whatever release, so that a misspelt one is told instead of passed
 * over: a policy under another name guards nothing.
 */
final class Kinds {
    private static final String GATEWAY_API = "gateway.networking.k8s.io";
    private static final String AGENTGATEWAY = "agentgateway.dev";
    private static final Set<String> GROUPS_LIKE_THESE = Set.of("gateway.networking.x-k8s.io");
    private static final Map<String, Set<String>> KINDS = Map.of(
            GATEWAY_API,
            Set.of(
                    "BackendLBPolicy",
                    "BackendPolicy",
                    "BackendTLSPolicy",
                    "BackendTrafficPolicy",
                    "GRPCRoute",
                    "Gateway",
                    "GatewayClass",
                    "HTTPRoute",
                    "ListenerSet",
                    "ReferenceGrant",
                    "ReferencePolicy",
                    "TCPRoute",
                    "TLSRoute",
                    "TrafficPolicy",
                    "UDPRoute"),
            AGENTGATEWAY,
            Set.of("AgentgatewayBackend", "AgentgatewayModel", "AgentgatewayParameters", "AgentgatewayPolicy"));
    private static final Map<String, List<String>> VERSIONS =
            Map.of(GATEWAY_API, List.of("v1", "v1beta1", "v1alpha3", "v1alpha2"), AGENTGATEWAY, List.of("v1alpha1"));

    /** Of Kubernetes' core group; others there are none of ours whatever their names are. */
    private static final Set<String> CORE = Set.of("ConfigMap", "List", "Secret", "Service");

    /** What is read, by what it is written under. */
    private static final Map<String, String> READ = new TreeMap<>(Map.of(
            "AgentgatewayBackend", AGENTGATEWAY + "/v1alpha1",
            "AgentgatewayPolicy", AGENTGATEWAY + "/v1alpha1",
            "ConfigMap", "v1",
            "Gateway", GATEWAY_API + "/v1",
            "HTTPRoute", GATEWAY_API + "/v1",
            "List", "v1",
            "Secret", "v1",
            "Service", "v1",
            "TrafficPolicy", GATEWAY_API + "/v1alpha2"));

    /** Names that no other API has by chance. */
    private static final Set<String> DISTINCTIVE = Set.of("AgentgatewayBackend", "AgentgatewayPolicy", "TrafficPolicy");

    private static final int LIKE_A_KIND = 3;
    private static final int LIKE_A_GROUP = 2;

    private Kinds() {}

    /** Tells where a kind, its group or its version is one of ours but for a mistake; returns whether it did. */
    static boolean tellMistake(Document document, Findings findings) {
        if (PolicyFields.isPolicy(document)) {
            return false;
        }
        int before = findings.errors();
        Set<String> kinds = KINDS.get(document.group());
        if (kinds != null) {
            ofOurGroup(document, kinds, findings);
        } else if (document.group().isEmpty()) {
            ofCore(document, findings);
        } else {
            ofOtherGroup(document, findings);
        }
        return findings.errors() > before;
    }

    private static void ofOurGroup(Document document, Set<String> kinds, Findings findings) {
        String version = document.apiVersion().substring(document.group().length() + 1);
        List<String> versions = VERSIONS.getOrDefault(document.group(), List.of());
        if (!kinds.contains(document.kind())) {
            String all = String.join("`, `", new TreeSet<>(kinds));
            tellKind(
                    document,
                    Diagnostic.probablyMeant(document.kind(), READ.keySet())
                            .map(Kinds::didYouMean)
                            .orElse("; its kinds are `" + all + "`"),
                    findings);
        } else if (!versions.contains(version)) {
            String expected = READ.getOrDefault(document.kind(), document.group() + "/" + versions.get(0));
            findings.error(
                    document.fields().origin("apiVersion"),
                    "expected `" + expected + "` for " + document.kind() + ", found `" + document.apiVersion() + "`");
        }
    }

    private static void tellKind(Document document, String cure, Findings findings) {
        String where = document.group().isEmpty() ? document.apiVersion() : document.group();
        findings.error(
                document.fields().origin("kind"), "`" + document.kind() + "` is no kind of `" + where + "`" + cure);
    }

    private static void ofCore(Document document, Findings findings) {
        if (CORE.contains(document.kind())) {
            if (!document.apiVersion().equals("v1")) {
                findings.error(
                        document.fields().origin("apiVersion"),
                        "expected `v1` for " + document.kind() + ", found `" + document.apiVersion() + "`");
            }
            return;
        }
        Diagnostic.probablyMeant(document.kind(), READ.keySet(), LIKE_A_GROUP)
                .or(() -> Diagnostic.probablyMeant(document.kind(), DISTINCTIVE, LIKE_A_KIND))
                .ifPresent(kind -> tellKind(document, didYouMean(kind), findings));
    }

    private static void ofOtherGroup(Document document, Findings findings) {
        Optional<String> kind = Diagnostic.probablyMeant(document.kind(), DISTINCTIVE, LIKE_A_KIND);
        if (kind.isPresent()) {
            tellKind(document, didYouMean(kind.get()), findings);
        } else if (!GROUPS_LIKE_THESE.contains(document.group())) {
            Diagnostic.probablyMeant(document.group(), KINDS.keySet(), LIKE_A_GROUP)
                    .ifPresent(group -> findings.error(
                            document.fields().origin("apiVersion"),
                            "there is no group `" + document.group() + "`; did you mean `" + group + "`?"));
        }
    }

    private static String didYouMean(String kind) {
        return "; did you mean `" + kind + "` of `" + READ.get(kind) + "`?";
    }
}

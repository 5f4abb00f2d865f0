package io.gatepost.policy.document;

import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.document.PolicyReader.AcceptedPolicy;
import io.gatepost.policy.document.PolicyReader.Outcome;
import io.gatepost.policy.document.PolicyReader.RejectedPolicy;
import io.gatepost.policy.model.Enforcement;
import io.gatepost.policy.model.TargetRef;
import io.gatepost.policy.model.TargetSelector;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.model.TrafficPolicy.Inheritance;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one policy document, with the limits and defaults of section 4.1 of the reference. */
final class PolicyFields {
    static final Map<String, String> API_VERSIONS = Map.of(
            "TrafficPolicy", "gateway.networking.k8s.io/v1alpha2",
            "AgentgatewayPolicy", "agentgateway.dev/v1alpha1");
    private static final String ENFORCEMENT = "gatepost.io/enforcement";

    private final Document document;
    private final Findings findings;
    private final TrafficFields traffic;
    private List<TargetRef> refs = List.of();
    private List<TargetSelector> selectors = List.of();
    private Set<String> targetKinds = Set.of();
    private boolean targetsReadable;
    private Inheritance inheritance = Inheritance.DEFAULT;
    private Enforcement enforcement = Enforcement.ENFORCED;

    private PolicyFields(Document document, Findings findings, Set<String> enforcedElsewhere) {
        this.document = document;
        this.findings = findings;
        traffic = new TrafficFields(document.name().namespace(), findings, enforcedElsewhere);
    }

    static boolean isPolicy(Document document) {
        return API_VERSIONS.containsKey(document.kind());
    }

    static Outcome read(Document document, Findings findings, Set<String> enforcedElsewhere) {
        return new PolicyFields(document, findings, enforcedElsewhere).read();
    }

    private Outcome read() {
        int errors = findings.errors();
        String apiVersion = API_VERSIONS.get(document.kind());
        if (!document.apiVersion().equals(apiVersion)) {
            findings.error(
                    document.fields().origin("apiVersion"),
                    "expected `" + apiVersion + "` for " + document.kind() + "; this one is another "
                            + ((document.group() + "/")
                                            .equals(String.valueOf(apiVersion).replaceFirst("/.*", "/"))
                                    ? "version"
                                    : "API's"));
            targetsUnheard(document.fields().fields("spec"));
            return rejected();
        }
        annotations();
        int mark = findings.mark();
        Fields spec = document.fields().require("spec").fields("spec");
        document.fields().done();
        if (spec != null) {
            spec(spec);
        }
        boolean rejected = findings.errors() > errors || document.name().name().isEmpty();
        if (rejected && enforcement == Enforcement.SHADOW) {
            findings.warnSince(mark);
            findings.warning(document.fields().origin(), "in shadow, and nothing is reported of it: it can't be read");
        }
        return rejected ? rejected() : new AcceptedPolicy(policy());
    }

    /** The policy, whole or as much of it as can be read. */
    private TrafficPolicy policy() {
        return new TrafficPolicy(
                document.name(),
                refs,
                selectors,
                traffic.phase(),
                inheritance,
                traffic.jwtAuthentication(),
                traffic.authorization(),
                document.fields().origin(),
                enforcement);
    }

    /** Rules are left out: of a policy that must not be used, some of them may be missing. */
    private Outcome rejected() {
        return new RejectedPolicy(
                policy().withAuthorization(null).withInheritance(Inheritance.DEFAULT),
                targetsReadable,
                traffic.authenticates(),
                traffic.keySets(),
                traffic.expressions());
    }

    /** Annotations are anybody's: only this one is looked at. */
    private void annotations() {
        Fields metadata = document.fields().fields("metadata");
        Fields all = metadata != null && metadata.isMap("annotations") ? metadata.fields("annotations") : null;
        String said = all != null
                        && all.meaning(ENFORCEMENT, List.of("enforced", "shadow"))
                                .has(ENFORCEMENT)
                ? all.rawText(ENFORCEMENT)
                : "enforced";
        if ("shadow".equals(said) && all != null) {
            enforcement = Enforcement.SHADOW;
            findings.warning(
                    all.keyOrigin(ENFORCEMENT), "this policy is NOT ENFORCED, only reported, as `shadow` says");
        } else if (all != null && said != null && !said.equals("enforced")) {
            findings.error(all.origin(ENFORCEMENT), "expected `shadow` or `enforced`");
        }
    }

    private void spec(Fields spec) {
        spec.unsupported("frontend", "backend");
        tellWhereCredentialsStand(spec);
        if (!spec.has("traffic") && (spec.has("frontend") || spec.has("backend"))) {
            targetsUnheard(spec);
            spec.ignore("targetRefs", "targetSelectors", "strategy").done();
            return;
        }
        targets(spec);
        Fields strategy = spec.fields("strategy");
        if (strategy != null) {
            inheritance = strategy.choice("inheritance", Inheritance.class, Inheritance.DEFAULT);
            strategy.done();
        }
        Fields fields = spec.require("traffic").fields("traffic");
        if (fields != null) {
            traffic.read(fields, inheritance, targetKinds);
        }
        spec.misplaced("traffic", "phase", "jwtAuthentication", "authorization");
        spec.misplaced("traffic", TrafficFields.BEFORE_AND_AFTER_ROUTING)
                .misplaced("traffic", TrafficFields.AFTER_ROUTING);
        spec.done();
    }

    private void tellWhereCredentialsStand(Fields spec) {
        Fields unheard = spec.reportingTo(new Findings(Severity.WARNING));
        Fields backend = unheard.isMap("backend") ? unheard.fields("backend") : null;
        if (backend != null && backend.has("auth")) {
            findings.unsupported(
                    backend.keyOrigin("auth"), "`auth` stands here under `policies` of an `AgentgatewayBackend`");
        }
    }

    private void targets(Fields spec) {
        int errors = findings.errors();
        TargetFields targets = new TargetFields(spec, findings);
        spec.exactlyOneOf("targetRefs", "targetSelectors");
        refs = targets.refs();
        selectors = targets.selectors();
        targetKinds = targets.kinds();
        if (!refs.isEmpty() && !selectors.isEmpty()) {
            selectors = List.of();
        }
        targetsReadable = findings.errors() == errors;
    }

    /** What another API's policy, or one without a traffic section, is meant to guard, as far as that can be told. */
    private void targetsUnheard(@Nullable Fields spec) {
        Findings unheard = new Findings(Severity.WARNING);
        if (spec != null) {
            TargetFields targets = new TargetFields(spec.reportingTo(unheard), unheard);
            refs = targets.refs();
            selectors = refs.isEmpty() ? targets.selectors() : List.of();
        }
        targetsReadable = unheard.errors() == 0 && !(refs.isEmpty() && selectors.isEmpty());
    }
}

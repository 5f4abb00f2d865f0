package io.gatepost.policy.document;

import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.document.PolicyReader.AcceptedPolicy;
import io.gatepost.policy.document.PolicyReader.Outcome;
import io.gatepost.policy.document.PolicyReader.RejectedPolicy;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Enforcement;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TargetRef;
import io.gatepost.policy.model.TargetSelector;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.model.TrafficPolicy.Inheritance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one policy document, with the limits and defaults of section 4.1 of the reference. */
final class PolicyFields {
    static final Map<String, String> API_VERSIONS = Map.of(
            "TrafficPolicy", "gateway.networking.k8s.io/v1alpha2",
            "AgentgatewayPolicy", "agentgateway.dev/v1alpha1");
    private static final String[] BEFORE_AND_AFTER_ROUTING = {
        "apiKeyAuthentication", "basicAuthentication", "cors", "extAuth", "extProc", "oidc", "transformation"
    };
    private static final String[] AFTER_ROUTING = {
        "buffer",
        "csrf",
        "delay",
        "directResponse",
        "headerModifiers",
        "hostRewrite",
        "rateLimit",
        "requestMirror",
        "requestRedirect",
        "retry",
        "timeouts",
        "urlRewrite"
    };
    private static final String ENFORCEMENT = "gatepost.io/enforcement";
    private static final Set<String> PRE_ROUTING_KINDS = Set.of("Gateway", "ListenerSet");

    private final Document document;
    private final Findings findings;
    private final Set<String> enforcedElsewhere;
    private List<TargetRef> refs = List.of();
    private List<TargetSelector> selectors = List.of();
    private boolean targetsReadable;
    private Set<String> kinds = Set.of();
    private Phase phase = Phase.POST_ROUTING;
    private Inheritance inheritance = Inheritance.DEFAULT;
    private Enforcement enforcement = Enforcement.ENFORCED;
    private boolean authenticates;
    private @Nullable JwtAuthentication jwtAuthentication;
    private final List<JwksSource.Inline> keySets = new ArrayList<>();
    private final List<MatchExpression> expressions = new ArrayList<>();
    private @Nullable Authorization authorization;

    private PolicyFields(Document document, Findings findings, Set<String> enforcedElsewhere) {
        this.document = document;
        this.findings = findings;
        this.enforcedElsewhere = enforcedElsewhere;
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
        return rejected ? rejected() : accepted();
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

    private Outcome accepted() {
        return new AcceptedPolicy(new TrafficPolicy(
                document.name(),
                refs,
                selectors,
                phase,
                inheritance,
                jwtAuthentication,
                authorization,
                document.fields().origin(),
                enforcement));
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

    private Outcome rejected() {
        return new RejectedPolicy(
                document.name(),
                refs,
                selectors,
                targetsReadable,
                phase,
                authenticates,
                jwtAuthentication,
                keySets,
                expressions,
                enforcement,
                document.fields().origin());
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
        Fields traffic = spec.require("traffic").fields("traffic");
        if (traffic != null) {
            traffic(traffic);
        }
        spec.misplaced("traffic", "phase", "jwtAuthentication", "authorization");
        spec.misplaced("traffic", BEFORE_AND_AFTER_ROUTING).misplaced("traffic", AFTER_ROUTING);
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
        kinds = targets.kinds();
        if (!refs.isEmpty() && !selectors.isEmpty()) {
            selectors = List.of();
        }
        targetsReadable = findings.errors() == errors;
    }

    private void traffic(Fields traffic) {
        phase = traffic.choice("phase", Phase.class, Phase.POST_ROUTING);
        Fields jwt = traffic.fields("jwtAuthentication");
        authenticates = traffic.has("jwtAuthentication");
        if (jwt != null) {
            jwtAuthentication = new JwtFields(document.name().namespace(), findings, keySets).read(jwt);
        }
        authorization = authorization(traffic, jwt);
        unsupported(traffic);
        traffic.done();
        if (!authenticates
                && !traffic.has("authorization")
                && traffic.names().stream().allMatch("phase"::equals)) {
            findings.error(traffic.origin(), "this guards nothing; add `jwtAuthentication` or `authorization`");
        }
    }

    /** The rules stand beside the authentication or under it, in either kind of document. */
    private @Nullable Authorization authorization(Fields traffic, @Nullable Fields jwt) {
        boolean under = jwt != null && jwt.has("authorization");
        if (under && traffic.has("authorization")) {
            findings.error(
                    traffic.keyOrigin("authorization"),
                    "`authorization` stands under `jwtAuthentication` too; keep one of them");
        }
        Authorization beside = authorizationIn(traffic);
        Authorization nested = jwt == null ? null : authorizationIn(jwt);
        return nested == null ? beside : nested;
    }

    private @Nullable Authorization authorizationIn(Fields parent) {
        Fields fields = parent.fields("authorization");
        return fields == null ? null : AuthorizationFields.read(fields, findings, expressions);
    }

    private void unsupported(Fields traffic) {
        for (String[] names : List.of(BEFORE_AND_AFTER_ROUTING, AFTER_ROUTING)) {
            for (String name : names) {
                if (!enforcedElsewhere.contains(name)) {
                    traffic.unsupported(name);
                }
            }
        }
        enforcedElsewhere.forEach(traffic::ignore);
        if (phase == Phase.PRE_ROUTING) {
            checkPreRouting(traffic);
        }
    }

    private void checkPreRouting(Fields traffic) {
        for (String name : AFTER_ROUTING) {
            if (traffic.has(name)) {
                findings.error(traffic.keyOrigin(name), "phase PreRouting has no `" + name + "`");
            }
        }
        if (inheritance == Inheritance.OVERRIDE) {
            findings.warning(
                    traffic.origin("phase"), "`Override` has no effect in phase PreRouting: the closer policy counts");
        }
        if (!PRE_ROUTING_KINDS.containsAll(kinds)) {
            findings.error(traffic.origin("phase"), "phase PreRouting can target a Gateway or a ListenerSet only");
        }
    }
}

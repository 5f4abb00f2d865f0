package io.gatepost.policy.document;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.model.TargetRef;
import io.gatepost.policy.model.TargetSelector;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads what a policy attaches to. */
final class TargetFields {
    private static final String GATEWAY_API = "gateway.networking.k8s.io";
    private static final Map<String, String> GROUPS = new TreeMap<>(Map.of(
            "Gateway", GATEWAY_API,
            "GRPCRoute", GATEWAY_API,
            "HTTPRoute", GATEWAY_API,
            "InferencePool", "inference.networking.k8s.io",
            "ListenerSet", GATEWAY_API));
    private static final int MAX_TARGETS = 16;
    private static final int MAX_NAME = 253;

    private final Fields spec;
    private final Findings findings;
    private final Set<String> kinds = new LinkedHashSet<>();

    TargetFields(Fields spec, Findings findings) {
        this.spec = spec;
        this.findings = findings;
    }

    List<TargetRef> refs() {
        List<TargetRef> refs = new ArrayList<>();
        for (Fields fields : spec.list("targetRefs", 1, MAX_TARGETS)) {
            fields.require("name");
            String name = fields.text("name", 1, MAX_NAME);
            Target target = target(fields);
            if (target != null && name != null) {
                refs.add(new TargetRef(target.group, target.kind, name, target.sectionName));
            }
        }
        return refs;
    }

    List<TargetSelector> selectors() {
        List<TargetSelector> selectors = new ArrayList<>();
        for (Fields fields : spec.list("targetSelectors", 1, MAX_TARGETS)) {
            Map<String, String> labels = fields.require("matchLabels").textMap("matchLabels");
            if (fields.has("matchLabels") && labels.isEmpty()) {
                findings.error(fields.origin("matchLabels"), "expected at least one label");
            }
            Target target = target(fields);
            if (target != null && !labels.isEmpty()) {
                selectors.add(new TargetSelector(target.group, target.kind, labels, target.sectionName));
            }
        }
        return selectors;
    }

    /** The kinds that were named, known or not. */
    Set<String> kinds() {
        return kinds;
    }

    private record Target(
            String group, String kind, @Nullable String sectionName) {}

    private @Nullable Target target(Fields fields) {
        fields.require("group", "kind")
                .meaning("group", new TreeSet<>(GROUPS.values()))
                .meaning("kind", GROUPS.keySet());
        String group = fields.text("group", 0, MAX_NAME);
        String kind = fields.text("kind", 1, MAX_NAME);
        String sectionName = fields.text("sectionName", 1, MAX_NAME);
        if (fields.has("port")) {
            findings.error(fields.keyOrigin("port"), "`port` is for frontend policies only; use `sectionName`");
        }
        fields.done();
        if (group == null || kind == null) {
            return null;
        }
        if (kinds.add(kind) && kinds.size() == 2) {
            findings.error(fields.origin("kind"), "all targets of a policy must be of one kind, found " + kinds);
        }
        return isKnown(fields, group, kind) ? new Target(group, kind, sectionName) : null;
    }

    private boolean isKnown(Fields fields, String group, String kind) {
        String expected = GROUPS.get(kind);
        if (expected == null) {
            findings.error(
                    fields.origin("kind"),
                    "expected `" + String.join("`, `", GROUPS.keySet()) + "`, found `" + kind + "`"
                            + Diagnostic.didYouMean(kind, GROUPS.keySet()));
        } else if (!expected.equals(group)) {
            findings.error(fields.origin("group"), "the group of a " + kind + " is `" + expected + "`");
        }
        return expected != null && expected.equals(group);
    }
}

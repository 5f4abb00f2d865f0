package io.gatepost.routes.manifest;

import static io.gatepost.routes.manifest.GatewayFields.HOSTNAME;
import static io.gatepost.routes.manifest.GatewayFields.MAX_NAME;

import io.gatepost.policy.document.Document;
import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.TargetRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads how to speak TLS to backends. */
final class TlsFields {
    private static final int MAX_REFS = 16;
    private static final int MAX_ALT_NAME = 256;
    private static final Map<String, String> GROUPS =
            new TreeMap<>(Map.of("Service", "", "AgentgatewayBackend", "agentgateway.dev"));

    private final Document document;
    private final Findings findings;

    TlsFields(Document document, Findings findings) {
        this.document = document;
        this.findings = findings;
    }

    /** Whether a policy speaks of backends, and not of requests. */
    static boolean isBackendPolicy(Document document) {
        Fields spec = document.apiVersion().equals("agentgateway.dev/v1alpha1")
                        && document.kind().equals("AgentgatewayPolicy")
                        && document.fields().isMap("spec")
                ? document.fields().fields("spec")
                : null;
        return spec != null && spec.names().contains("backend") && !spec.names().contains("traffic");
    }

    /** The policy's TLS; null where it has none or is wrong. */
    @Nullable
    BackendTlsPolicy policy() {
        Fields spec = document.fields().fields("spec");
        document.fields().done();
        if (spec == null) {
            return null;
        }
        List<TargetRef> targets = new ArrayList<>();
        spec.require("targetRefs").list("targetRefs", 1, MAX_REFS).forEach(ref -> target(ref, targets));
        spec.unsupported("targetSelectors", "frontend", "strategy");
        Fields backend = spec.fields("backend");
        spec.done();
        Tls tls = backend == null ? null : tls(backend);
        return tls == null
                ? null
                : new BackendTlsPolicy(
                        document.name(), targets, tls, document.fields().origin());
    }

    private @Nullable Tls tls(Fields backend) {
        Fields fields = backend.fields("tls");
        for (String name : backend.names()) {
            if (!name.equals("tls")) {
                backend.unsupported(name);
            }
        }
        backend.done();
        return fields == null ? null : read(fields);
    }

    private void target(Fields fields, List<TargetRef> targets) {
        fields.require("name", "kind", "group").meaning("kind", GROUPS.keySet()).meaning("group", GROUPS.values());
        String group = fields.text("group", 0, MAX_NAME);
        String kind = fields.text("kind", 1, MAX_NAME);
        String name = fields.text("name", 1, MAX_NAME);
        fields.unsupported("sectionName", "port").done();
        if (group == null || kind == null || name == null) {
            return;
        }
        if (!group.equals(GROUPS.get(kind))) {
            findings.unsupported(
                    fields.origin("kind"), "`backend` is enforced for a `Service` and an `AgentgatewayBackend` only");
        }
        targets.add(new TargetRef(group, kind, name, null));
    }

    Tls read(Fields fields) {
        String sni = fields.text("sni", MAX_NAME, HOSTNAME, "a host such as `keys.example.com`");
        List<ObjectName> authorities = new ArrayList<>();
        for (Fields ref : fields.list("caCertificateRefs", 0, MAX_REFS)) {
            String name = ref.require("name")
                    .ignore("group")
                    .meaning("kind", Set.of("ConfigMap"))
                    .text("name", 1, MAX_NAME);
            String kind = ref.has("kind") ? ref.text("kind", 1, MAX_NAME) : "ConfigMap";
            ref.done();
            if (kind != null && !kind.equals("ConfigMap")) {
                findings.unsupported(ref.origin("kind"), "certificates are read from a `ConfigMap` only");
            }
            if (name != null) {
                authorities.add(new ObjectName(document.name().namespace(), name));
            }
        }
        Tls.InsecureSkipVerify skipped = skipped(fields);
        List<String> names = fields.texts("verifySubjectAltNames", 1, MAX_REFS, MAX_ALT_NAME);
        fields.unsupported("alpnProtocols", "keyExchangeGroups", "mtlsCertificateRef");
        fields.done();
        return new Tls(sni, authorities, skipped, names, fields.origin());
    }

    private Tls.@Nullable InsecureSkipVerify skipped(Fields fields) {
        Tls.InsecureSkipVerify skipped = fields.choice("insecureSkipVerify", Tls.InsecureSkipVerify.class);
        fields.atMostOneOf("insecureSkipVerify", "verifySubjectAltNames");
        if (skipped == Tls.InsecureSkipVerify.ALL) {
            fields.atMostOneOf("insecureSkipVerify", "caCertificateRefs");
        }
        if (skipped != null) {
            findings.warning(
                    fields.origin("insecureSkipVerify"),
                    "whoever stands in between can pass for the backend; prefer `caCertificateRefs` and"
                            + " `verifySubjectAltNames`");
        }
        return skipped;
    }
}

package io.gatepost.routes.manifest;

import static io.gatepost.routes.manifest.GatewayFields.HOSTNAME;
import static io.gatepost.routes.manifest.GatewayFields.LABEL;
import static io.gatepost.routes.manifest.GatewayFields.MAX_NAME;
import static io.gatepost.routes.manifest.GatewayFields.MAX_PORT;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.Document;
import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.expression.PatternCompiler;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.routes.manifest.HttpRoute.BackendRef;
import io.gatepost.routes.manifest.HttpRoute.Match;
import io.gatepost.routes.manifest.HttpRoute.ParentRef;
import io.gatepost.routes.manifest.HttpRoute.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads an {@code HTTPRoute}. */
final class RouteFields {
    private static final int MAX_PARENTS = 32;
    private static final int MAX_HOSTNAMES = 16;
    private static final int MAX_RULES = 16;
    private static final int MAX_MATCHES = 64;
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final int MAX_WEIGHT = 1_000_000;
    private static final Set<String> BACKENDS = Set.of("/Service", "agentgateway.dev/AgentgatewayBackend");

    private final Document document;
    private final PatternCompiler patterns;
    private final Findings findings;

    RouteFields(Document document, PatternCompiler patterns, Findings findings) {
        this.document = document;
        this.patterns = patterns;
        this.findings = findings;
    }

    @Nullable
    HttpRoute read() {
        Fields spec = document.fields().require("spec").fields("spec");
        document.fields().done();
        if (spec == null) {
            return null;
        }
        List<ParentRef> parents = new ArrayList<>();
        spec.list("parentRefs", 0, MAX_PARENTS).forEach(fields -> parent(fields, parents));
        List<String> hostnames = spec.texts("hostnames", 0, MAX_HOSTNAMES, MAX_NAME);
        if (!hostnames.stream().allMatch(host -> HOSTNAME.matcher(host).matches())) {
            findings.error(spec.origin("hostnames"), "expected hosts such as `api.example.com` or `*.example.com`");
        }
        List<Rule> rules = new ArrayList<>();
        for (Fields fields : spec.list("rules", 1, MAX_RULES)) {
            rules.add(rule(fields));
        }
        spec.ignore("useDefaultGateways").done();
        return new HttpRoute(
                document.name(),
                document.labels(),
                parents,
                hostnames,
                rules,
                document.fields().origin());
    }

    private void parent(Fields fields, List<ParentRef> parents) {
        fields.require("name").ignore("group").meaning("kind", Set.of("Gateway"));
        String kind = fields.has("kind") ? fields.text("kind", 1, MAX_NAME) : "Gateway";
        ObjectName name = objectName(fields);
        String sectionName = fields.text("sectionName", 1, MAX_NAME);
        Integer port = fields.integer("port", 1, MAX_PORT);
        fields.done();
        if (kind != null && !kind.equals("Gateway")) {
            findings.unsupported(fields.origin("kind"), "a route is served by a `Gateway` only, found `" + kind + "`");
        }
        if (kind != null && name != null) {
            parents.add(new ParentRef(kind, name, sectionName, port, fields.origin()));
        }
    }

    private @Nullable ObjectName objectName(Fields fields) {
        String name = fields.text("name", 1, MAX_NAME);
        String namespace = fields.has("namespace")
                ? fields.text("namespace", 1, MAX_NAME)
                : document.name().namespace();
        return name == null || namespace == null ? null : new ObjectName(namespace, name);
    }

    private Rule rule(Fields fields) {
        String name = fields.text("name", 1, MAX_NAME);
        MatchFields matchFields = new MatchFields(patterns, findings);
        List<Match> matches = fields.list("matches", 0, MAX_MATCHES).stream()
                .map(matchFields::read)
                .toList();
        List<Match> effective = matches.isEmpty() ? MatchFields.ALL : matches;
        RouteFilters filters = FilterFields.read(fields, effective, findings);
        Duration timeout = timeout(fields.fields("timeouts"));
        List<BackendRef> backends = new ArrayList<>();
        fields.list("backendRefs", 0, MAX_RULES).forEach(ref -> backend(ref, backends));
        fields.unsupported("retry", "sessionPersistence").done();
        return new Rule(name, effective, filters, timeout, backends, fields.origin());
    }

    /** There are no retries, so the shorter of both counts. Zero is for no limit. */
    private @Nullable Duration timeout(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        Duration request = fields.duration("request", Duration.ZERO, LONGEST);
        Duration backend = fields.duration("backendRequest", Duration.ZERO, LONGEST);
        fields.done();
        boolean limited = request != null && !request.isZero();
        if (limited && backend != null && backend.compareTo(request) > 0) {
            findings.error(fields.origin("backendRequest"), "`backendRequest` can't be longer than `request`");
        }
        Duration shorter = backend == null || backend.isZero() ? request : backend;
        return shorter == null || shorter.isZero() ? null : shorter;
    }

    private void backend(Fields fields, List<BackendRef> backends) {
        int errors = findings.errors();
        fields.meaning("group", List.of("", "agentgateway.dev"))
                .meaning("kind", List.of("Service", "AgentgatewayBackend"));
        String group = fields.has("group") ? fields.text("group", 0, MAX_NAME) : "";
        String kind = fields.has("kind") ? fields.text("kind", 1, MAX_NAME) : "Service";
        ObjectName name = objectName(fields.require("name"));
        Integer port = fields.integer("port", 1, MAX_PORT);
        Integer weight = fields.integer("weight", 0, MAX_WEIGHT);
        fields.unsupported("filters").done();
        if (group == null || kind == null || name == null) {
            return;
        }
        if (findings.errors() > errors) {
            return;
        }
        if (!BACKENDS.contains(group + "/" + kind)) {
            findings.unsupported(
                    fields.origin("kind"),
                    "`" + kind + "` of group `" + group + "` is no backend here; expected a `Service` or, of group"
                            + " `agentgateway.dev`, an `AgentgatewayBackend`");
        } else if (kind.equals("Service")) {
            fields.require("port");
            checkLabel(name.name(), fields.origin("name"));
            checkLabel(name.namespace(), fields.origin("namespace"));
        }
        backends.add(new BackendRef(group, kind, name, port, weight == null ? 1 : weight, fields.origin()));
    }

    /** What is part of a service's host. */
    private void checkLabel(String name, Origin origin) {
        if (!LABEL.matcher(name).matches()) {
            findings.error(
                    origin,
                    "`" + name + "` can't be part of a host: expected at most 63 lower-case letters, digits and"
                            + " hyphens");
        }
    }
}

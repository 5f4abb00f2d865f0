package io.gatepost.routes.manifest;

import io.gatepost.policy.document.Document;
import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import io.gatepost.routes.manifest.Gateway.Listener;
import io.gatepost.routes.manifest.Gateway.RoutesFrom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a {@code Gateway}. */
final class GatewayFields {
    /** A label of a host's name (RFC 1123 section 2.1), as Kubernetes wants it of namespaces and services. */
    static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    static final Pattern HOSTNAME = Pattern.compile("(\\*\\.)?%1$s(\\.%1$s)*".formatted(LABEL.pattern()));
    static final int MAX_NAME = 253;
    static final int MAX_PORT = 65_535;
    private static final int MAX_LISTENERS = 64;
    private static final Set<String> PROTOCOLS = new TreeSet<>(Set.of("HTTP", "HTTPS"));

    private final Findings findings;

    GatewayFields(Findings findings) {
        this.findings = findings;
    }

    @Nullable
    Gateway read(Document document) {
        Fields spec = document.fields().require("spec").fields("spec");
        document.fields().done();
        if (spec == null) {
            return null;
        }
        spec.require("listeners").ignore("gatewayClassName", "infrastructure", "addresses", "allowedListeners");
        List<Listener> listeners = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Fields fields : spec.list("listeners", 1, MAX_LISTENERS)) {
            Listener listener = listener(fields);
            if (listener != null && names.add(listener.name())) {
                listeners.add(listener);
            } else if (listener != null) {
                findings.error(fields.origin("name"), "two listeners are called `" + listener.name() + "`");
            }
        }
        spec.unsupported("backendTLS", "tls").done();
        return new Gateway(
                document.name(), document.labels(), listeners, document.fields().origin());
    }

    private @Nullable Listener listener(Fields fields) {
        fields.require("name", "port", "protocol").meaning("protocol", PROTOCOLS);
        String name = fields.text("name", 1, MAX_NAME);
        Integer port = fields.integer("port", 1, MAX_PORT);
        String protocol = fields.text("protocol", 1, MAX_NAME);
        String hostname = fields.text("hostname", MAX_NAME, HOSTNAME, "a host such as `api.example.com`");
        RoutesFrom routesFrom = routesFrom(fields.fields("allowedRoutes"));
        fields.unsupported("tls").done();
        if (name == null || port == null || protocol == null) {
            return null;
        }
        if (!PROTOCOLS.contains(protocol)) {
            findings.unsupported(fields.origin("protocol"), "protocol `" + protocol + "` is not served; use `HTTP`");
            return null;
        }
        return new Listener(name, port, protocol, hostname, routesFrom);
    }

    private RoutesFrom routesFrom(@Nullable Fields allowed) {
        if (allowed == null) {
            return RoutesFrom.SAME;
        }
        List<String> kinds = allowed.list("kinds", 0, 8).stream()
                .map(kind -> kind.ignore("group").text("kind", 1, MAX_NAME))
                .toList();
        Fields namespaces = allowed.fields("namespaces");
        allowed.done();
        RoutesFrom from = namespaces == null ? RoutesFrom.SAME : from(namespaces);
        return kinds.isEmpty() || kinds.contains("HTTPRoute") ? from : RoutesFrom.NONE;
    }

    /** Namespaces chosen by labels are not known here: none of them, then. */
    private RoutesFrom from(Fields namespaces) {
        namespaces.unsupported("selector");
        boolean selector = "Selector".equals(namespaces.rawText("from"));
        RoutesFrom from = selector ? RoutesFrom.NONE : namespaces.choice("from", RoutesFrom.class);
        namespaces.done();
        return from == null ? RoutesFrom.SAME : from;
    }
}

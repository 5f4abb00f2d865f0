package io.gatepost.routes.manifest;

import io.gatepost.policy.document.Document;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The kinds that are read beside policies, each with the API versions that are known. */
enum Kind {
    GATEWAY("Gateway", "gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"),
    HTTP_ROUTE("HTTPRoute", "gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"),
    BACKEND("AgentgatewayBackend", "agentgateway.dev/v1alpha1"),
    SECRET("Secret", "v1"),
    CONFIG_MAP("ConfigMap", "v1"),
    SERVICE("Service", "v1");

    private final String written;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> versions;

    Kind(String written, String... versions) {
        this.written = written;
        this.versions = List.of(versions);
    }

    /** The document's kind, of whatever version; null where it is another, or another group's of that name. */
    static @Nullable Kind of(Document document) {
        for (Kind kind : values()) {
            if (kind.written.equals(document.kind()) && kind.group().equals(document.group())) {
                return kind;
            }
        }
        return null;
    }

    String written() {
        return written;
    }

    List<String> versions() {
        return versions;
    }

    /** Empty for the core group. */
    String group() {
        return versions.get(0).contains("/")
                ? versions.get(0).substring(0, versions.get(0).indexOf('/'))
                : "";
    }
}

package io.gatepost.routes.backend;

import io.gatepost.policy.forward.Upstream;
import io.gatepost.policy.forward.UpstreamCredential;
import io.gatepost.policy.forward.UpstreamPath;
import io.gatepost.policy.keys.KeyEndpoint;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.routes.manifest.Backend;
import io.gatepost.routes.manifest.BackendTlsPolicy;
import io.gatepost.routes.manifest.ConfigMap;
import io.gatepost.routes.manifest.HttpRoute.BackendRef;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.routes.manifest.Tls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** What backends come to: upstreams of routes, and endpoints of keys. Thread-safe. */
public final class Backends {
    private static final String BEARER = "Bearer ";
    private final Manifests manifests;
    private final @Nullable URI instead;
    private final Map<ObjectName, Backend> backends = new HashMap<>();
    private final Set<ObjectName> services = new HashSet<>();
    private final Map<JwksSource.RemoteBackend, KeyEndpoint> keys = new ConcurrentHashMap<>();

    /**
     * Takes what the manifests hold.
     *
     * @param manifests where backends, services, secrets and certificates are
     * @param instead what answers for all upstreams; null where they do themselves
     */
    public Backends(Manifests manifests, @Nullable URI instead) {
        this.manifests = manifests;
        this.instead = instead;
        manifests.backends().forEach(backend -> backends.putIfAbsent(backend.name(), backend));
        manifests.services().forEach(service -> services.add(service.name()));
    }

    /** A backend that can't be reached as the manifests are; its message is for the log. */
    public static sealed class UnusableBackendException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableBackendException(String message) {
            super(message, null, false, false);
        }
    }

    /** One that refers to what is not in the files, of which their reader has warned already. */
    public static final class DanglingReferenceException extends UnusableBackendException {
        private static final long serialVersionUID = 1L;

        DanglingReferenceException(String message) {
            super(message + " is not in the files");
        }
    }

    /**
     * Where a reference leads.
     *
     * @param ref a route's reference
     * @return the upstream
     * @throws UnusableBackendException where it can't be reached as the manifests are
     */
    public Upstream upstream(BackendRef ref) throws UnusableBackendException {
        if (ref.kind().equals("Service")) {
            if (instead == null && !services.contains(ref.name())) {
                throw new DanglingReferenceException("Service `" + ref.name() + "`");
            }
            return Upstream.of(instead == null ? service(ref.name(), ref.port()) : instead);
        }
        Backend backend = backends.get(ref.name());
        if (backend == null) {
            throw new DanglingReferenceException("AgentgatewayBackend `" + ref.name() + "`");
        }
        return upstream(backend);
    }

    private Upstream upstream(Backend backend) throws UnusableBackendException {
        UpstreamCredential credential = credential(backend.auth());
        Tls tls = tls(backend);
        if (backend.upstream() instanceof Backend.OpenAi openai) {
            URI base = openai.host() == null || openai.port() == null
                    ? URI.create("https://api.openai.com")
                    : base(tls != null, openai.host(), openai.port());
            return upstream(base, path(openai), openai.model(), credential, tls);
        }
        Backend.Static address = (Backend.Static) backend.upstream();
        URI base = base(tls != null, address.host(), address.port());
        return upstream(base, UpstreamPath.UNCHANGED, null, credential, tls);
    }

    private Upstream upstream(
            URI base, UpstreamPath path, @Nullable String model, UpstreamCredential credential, @Nullable Tls tls)
            throws UnusableBackendException {
        return instead == null
                ? new Upstream(base, path, model, credential, context(tls), tls == null ? null : tls.sni())
                : new Upstream(Upstream.of(instead).base(), path, model, credential, null, null);
    }

    private static UpstreamPath path(Backend.OpenAi openai) {
        if (openai.path() != null) {
            return new UpstreamPath.Fixed(openai.path());
        }
        if (openai.pathPrefix() != null) {
            return new UpstreamPath.Operation(openai.pathPrefix());
        }
        return openai.host() == null ? UpstreamPath.OPENAI : UpstreamPath.UNCHANGED;
    }

    private UpstreamCredential credential(Backend.@Nullable Auth auth) throws UnusableBackendException {
        if (auth instanceof Backend.Passthrough) {
            return UpstreamCredential.PASSTHROUGH;
        }
        if (auth instanceof Backend.Key key) {
            return bearer(key.value(), "the key");
        }
        return auth instanceof Backend.SecretRef ref ? secret(ref) : UpstreamCredential.NONE;
    }

    private UpstreamCredential secret(Backend.SecretRef ref) throws UnusableBackendException {
        String key = ref.key() == null ? "Authorization" : ref.key();
        String name = "value `" + key + "` of Secret `" + ref.name() + "`";
        String value = manifests.secrets().stream()
                .filter(secret -> secret.name().equals(ref.name()))
                .map(secret -> secret.values().get(key))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> new DanglingReferenceException("the " + name));
        // Only the default key may hold a whole header's value.
        String trimmed = value.strip();
        return bearer(
                ref.key() == null && trimmed.startsWith(BEARER) ? trimmed.substring(BEARER.length()) : trimmed,
                "the " + name);
    }

    private static UpstreamCredential bearer(String secret, String name) throws UnusableBackendException {
        try {
            return new UpstreamCredential.Bearer(secret);
        } catch (IllegalArgumentException e) {
            throw new UnusableBackendException(
                    name + " is empty or has blanks or characters outside ASCII: correct it");
        }
    }

    private @Nullable Tls tls(Backend backend) {
        return backend.tls() != null ? backend.tls() : tls("AgentgatewayBackend", backend.name());
    }

    private @Nullable Tls tls(String kind, ObjectName name) {
        return manifests.backendTls().stream()
                .filter(policy -> policy.name().namespace().equals(name.namespace()))
                .filter(policy -> policy.targetRefs().stream()
                        .anyMatch(ref -> ref.kind().equals(kind) && ref.name().equals(name.name())))
                .map(BackendTlsPolicy::tls)
                .findFirst()
                .orElse(null);
    }

    private @Nullable SSLContext context(@Nullable Tls tls) throws UnusableBackendException {
        if (tls == null || tls.checksByDefault()) {
            return null;
        }
        List<String> pems = new ArrayList<>();
        for (ObjectName name : tls.caCertificateRefs()) {
            pems.add(authorities(name));
        }
        try {
            return TrustedAuthorities.context(tls, pems);
        } catch (GeneralSecurityException e) {
            throw new UnusableBackendException(
                    "`ca.crt` of a ConfigMap holds no certificate that can be read: put PEM there");
        }
    }

    private String authorities(ObjectName name) throws UnusableBackendException {
        ConfigMap map = manifests.configMaps().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new DanglingReferenceException("ConfigMap `" + name + "`"));
        String pem = map.data().get("ca.crt");
        if (pem == null) {
            throw new UnusableBackendException("ConfigMap `" + name + "` has no `ca.crt`: add the certificates there");
        }
        return pem;
    }

    private static URI service(ObjectName name, @Nullable Integer port) {
        return base(false, name.name() + "." + name.namespace() + ".svc.cluster.local", port == null ? 80 : port);
    }

    private static URI base(boolean tls, String host, int port) {
        String name = host.contains(":") ? "[" + host + "]" : host.toLowerCase(Locale.ROOT);
        return URI.create((tls ? "https" : "http") + "://" + name + ":" + port);
    }

    /**
     * Where keys are read: the same as long as the manifests are.
     *
     * @param source what a policy says
     * @return where the keys are
     * @throws UncheckedIOException where the manifests don't say; its message is for the log
     */
    public KeyEndpoint keys(JwksSource.RemoteBackend source) {
        return keys.computeIfAbsent(source, this::find);
    }

    private KeyEndpoint find(JwksSource.RemoteBackend source) {
        ObjectName name = new ObjectName(source.namespace(), source.name());
        try {
            if (source.kind().equals("Service")) {
                Tls tls = tls("Service", name);
                URI address = service(name, source.port());
                return endpoint(base(tls != null, address.getHost(), address.getPort()), tls);
            }
            Backend backend = backends.get(name);
            if (backend == null || !(backend.upstream() instanceof Backend.Static address)) {
                throw new UnusableBackendException("there is no AgentgatewayBackend `" + name + "` with `static`");
            }
            Tls tls = tls(backend);
            return endpoint(base(tls != null, address.host(), address.port()), tls);
        } catch (UnusableBackendException e) {
            throw new UncheckedIOException(new IOException(e.getMessage()));
        }
    }

    private KeyEndpoint endpoint(URI base, @Nullable Tls tls) throws UnusableBackendException {
        return new KeyEndpoint(base, context(tls), tls == null ? null : tls.sni());
    }

    /**
     * What reads keys that are not written in the policies, for tools.
     *
     * @param resolve where to connect instead, by {@code host:port}
     * @param discoveryHosts where discovery may lead beside the issuer's own host; null: to any https host by name
     * @return sources to close at the end
     */
    public KeySources keySources(Map<String, InetSocketAddress> resolve, @Nullable List<String> discoveryHosts) {
        KeySources.Builder builder = KeySources.builder()
                .addresses(url -> resolve.get(authority(url)))
                .backends(this::keys);
        return (discoveryHosts == null ? builder : builder.discoveryHosts(discoveryHosts)).build();
    }

    /**
     * The host and the port of a URL, the standard port included.
     *
     * @param url an http or https URL
     * @return such as {@code idp.example.com:443}
     */
    public static String authority(URI url) {
        int standard = "https".equals(url.getScheme()) ? 443 : 80;
        return url.getHost() + ":" + (url.getPort() < 0 ? standard : url.getPort());
    }
}

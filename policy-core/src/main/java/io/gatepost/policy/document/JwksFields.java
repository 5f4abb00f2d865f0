package io.gatepost.policy.document;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.JwksSource;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads where a provider's keys come from. */
final class JwksFields {
    private static final int MAX_INLINE = 65_536;
    private static final int MAX_URL = 1024;
    private static final int MAX_NAME = 253;
    private static final int MAX_PORT = 65_535;
    private static final Duration MAX_CACHE_DURATION = Duration.ofDays(365);
    private static final Map<String, String> GROUPS =
            new TreeMap<>(Map.of("AgentgatewayBackend", "agentgateway.dev", "Service", ""));
    private static final Pattern URL = Pattern.compile("https?://[^/?#@\\s\\p{Cntrl}]+(/[^?#\\s\\p{Cntrl}]*)?");
    private static final Pattern PATH = Pattern.compile("[^?#\\s\\p{Cntrl}]+");

    private final String namespace;
    private final Findings findings;

    JwksFields(String namespace, Findings findings) {
        this.namespace = namespace;
        this.findings = findings;
    }

    @Nullable
    JwksSource read(Fields fields) {
        JwksSource source = null;
        if (fields.exactlyOneOf("inline", "remote", "file")) {
            Fields remote = fields.fields("remote");
            source = remote != null ? remote(remote) : fields.has("file") ? file(fields) : inline(fields);
        }
        fields.done();
        return source;
    }

    private @Nullable JwksSource inline(Fields fields) {
        String text = fields.text("inline", 2, MAX_INLINE);
        String start = text == null ? "" : text.stripLeading();
        if (start.startsWith("https://") || start.startsWith("http://")) {
            findings.error(fields.origin("inline"), "expected a key set, found a URL; it goes under `jwks.remote.url`");
            return null;
        }
        if (start.startsWith("-----BEGIN")) {
            findings.error(
                    fields.origin("inline"),
                    "expected a key set as JSON, found PEM; make a JWKS of it, `{\"keys\": [...]}`");
            return null;
        }
        return text == null ? null : new JwksSource.Inline(text, fields.origin("inline"));
    }

    /** A relative path starts at the document's folder. */
    private @Nullable JwksSource file(Fields fields) {
        String text = fields.text("file", 1, MAX_URL);
        Origin origin = fields.origin("file");
        try {
            return text == null
                    ? null
                    : new JwksSource.File(Path.of(origin.source()).resolveSibling(text), origin);
        } catch (InvalidPathException problem) {
            findings.error(origin, "expected a file's path");
            return null;
        }
    }

    private @Nullable JwksSource remote(Fields fields) {
        JwksSource source = null;
        Duration given = fields.duration("cacheDuration", JwksSource.DEFAULT_CACHE_DURATION, MAX_CACHE_DURATION);
        Duration cacheDuration = given == null ? JwksSource.DEFAULT_CACHE_DURATION : given;
        if (fields.exactlyOneOf("url", "backendRef")) {
            Fields backend = fields.fields("backendRef");
            source = backend == null ? url(fields, cacheDuration) : backend(fields, backend, cacheDuration);
        }
        fields.ignore("jwksPath").done();
        return source;
    }

    private @Nullable JwksSource url(Fields fields, Duration cacheDuration) {
        if (fields.has("jwksPath")) {
            findings.error(
                    fields.keyOrigin("jwksPath"), "`jwksPath` goes with `backendRef`; the `url` has its own path");
        }
        String text =
                fields.text("url", MAX_URL, URL, "an http or https URL without user information, query and fragment");
        URI url = text == null ? null : uri(text);
        if (text != null && url == null) {
            findings.error(fields.origin("url"), "expected a URL with a host and characters that URLs may have");
        }
        return url == null ? null : new JwksSource.RemoteUrl(url, cacheDuration, fields.origin("url"));
    }

    private static @Nullable URI uri(String text) {
        try {
            URI url = new URI(text);
            return url.getHost() == null ? null : url;
        } catch (URISyntaxException problem) {
            return null;
        }
    }

    private @Nullable JwksSource backend(Fields fields, Fields backend, Duration cacheDuration) {
        String path = fields.require("jwksPath").text("jwksPath", MAX_URL, PATH, "a path without query and blanks");
        backend.meaning("group", GROUPS.values()).meaning("kind", GROUPS.keySet());
        String group = backend.text("group", 0, MAX_NAME);
        String kind = backend.has("kind") ? backend.text("kind", 1, MAX_NAME) : "Service";
        String name = backend.require("name").text("name", 1, MAX_NAME);
        String there = backend.has("namespace") ? backend.text("namespace", 1, MAX_NAME) : namespace;
        Integer port = backend.integer("port", 1, MAX_PORT);
        backend.done();
        if (kind == null || !isKnown(backend, group == null ? "" : group, kind)) {
            return null;
        }
        if (name == null || there == null || path == null || !isReachable(backend, kind, name, there)) {
            return null;
        }
        if (!isPath(path)) {
            findings.error(fields.origin("jwksPath"), "expected a path with characters that URLs may have");
            return null;
        }
        return new JwksSource.RemoteBackend(
                group == null ? "" : group, kind, there, name, port, path, cacheDuration, fields.origin("backendRef"));
    }

    /** A service's name and namespace become a host. */
    private boolean isReachable(Fields backend, String kind, String name, String there) {
        boolean named = !kind.equals("Service") || isLabel(name);
        boolean placed = !kind.equals("Service") || isLabel(there);
        if (!named || !placed) {
            findings.error(
                    backend.origin(named ? "namespace" : "name"),
                    "`" + (named ? there : name) + "` can't be part of a host: expected at most " + Documents.MAX_LABEL
                            + " " + Documents.LABEL_IN_WORDS);
        }
        return named && placed;
    }

    private static boolean isLabel(String name) {
        return name.length() <= Documents.MAX_LABEL
                && Documents.LABEL.matcher(name).matches();
    }

    private static boolean isPath(String text) {
        try {
            new URI("http://h/" + text);
            return true;
        } catch (URISyntaxException problem) {
            return false;
        }
    }

    private boolean isKnown(Fields backend, String group, String kind) {
        boolean known = group.equals(GROUPS.get(kind));
        if (known && kind.equals("Service")) {
            backend.require("port");
        } else if (!known) {
            findings.error(
                    backend.origin("kind"),
                    "expected a `Service` of group ``, or an `AgentgatewayBackend` of group `agentgateway.dev`");
        }
        return known;
    }
}

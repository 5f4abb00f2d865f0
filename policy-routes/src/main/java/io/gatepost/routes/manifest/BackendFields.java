package io.gatepost.routes.manifest;

import static io.gatepost.routes.manifest.GatewayFields.HOSTNAME;
import static io.gatepost.routes.manifest.GatewayFields.MAX_NAME;
import static io.gatepost.routes.manifest.GatewayFields.MAX_PORT;

import io.gatepost.policy.document.Document;
import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.routes.manifest.Backend.Auth;
import io.gatepost.routes.manifest.Backend.OpenAi;
import io.gatepost.routes.manifest.Backend.Upstream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads an {@code AgentgatewayBackend}. */
final class BackendFields {
    private static final int MAX_MODEL = 256;
    private static final int MAX_PATH = 1024;
    private static final int MAX_KEY = 2048;
    private static final Pattern PATH = Pattern.compile("/[^?#\\s\\p{Cntrl}]*");
    private static final Pattern ADDRESS =
            Pattern.compile(HOSTNAME.pattern().substring("(\\*\\.)?".length()) + "|[0-9a-fA-F:]+");
    private static final String[] OTHER_UPSTREAMS = {"a2a", "aws", "dynamicForwardProxy", "mcp"};
    private static final String[] OTHER_PROVIDERS = {
        "anthropic", "azure", "azureopenai", "bedrock", "custom", "gemini", "vertexai"
    };
    private static final String[] OTHER_POLICIES = {
        "ai", "eviction", "health", "healthCheck", "http", "mcp", "tcp", "transformation", "tunnel"
    };
    private static final String[] OTHER_AUTH = {
        "aws", "azure", "credentials", "crossAppAccess", "gcp", "jwtSign", "location", "oauthTokenExchange"
    };

    private final Document document;
    private final Findings findings;

    BackendFields(Document document, Findings findings) {
        this.document = document;
        this.findings = findings;
    }

    @Nullable
    Backend read() {
        Fields spec = document.fields().require("spec").fields("spec");
        document.fields().done();
        if (spec == null) {
            return null;
        }
        spec.unsupported(OTHER_UPSTREAMS);
        Upstream upstream = isElsewhere(spec) ? null : upstream(spec);
        Fields policies = spec.fields("policies");
        spec.done();
        Auth auth = null;
        Tls tls = null;
        if (policies != null) {
            Fields tlsFields = policies.fields("tls");
            auth = auth(policies.fields("auth"));
            tls = tlsFields == null ? null : new TlsFields(document, findings).read(tlsFields);
            policies.unsupported(OTHER_POLICIES).done();
        }
        return upstream == null
                ? null
                : new Backend(
                        document.name(), upstream, auth, tls, document.fields().origin());
    }

    private static boolean isElsewhere(Fields spec) {
        for (String name : OTHER_UPSTREAMS) {
            if (spec.has(name)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Upstream upstream(Fields spec) {
        if (!spec.exactlyOneOf("ai", "static")) {
            return null;
        }
        Fields address = spec.fields("static");
        if (address != null) {
            return address(address);
        }
        Fields ai = spec.fields("ai");
        if (ai == null) {
            return null;
        }
        boolean provided = ai.exactlyOneOf("provider", "groups");
        Fields provider = ai.fields("provider");
        ai.unsupported("groups").done();
        return provided && provider != null ? openAi(provider) : null;
    }

    private @Nullable Upstream address(Fields fields) {
        fields.require("host", "port");
        String host = host(fields);
        Integer port = fields.integer("port", 1, MAX_PORT);
        fields.unsupported("unixPath").done();
        return host == null || port == null ? null : new Backend.Static(host, port);
    }

    private @Nullable Upstream openAi(Fields provider) {
        Fields openAi = provider.fields("openai");
        String model = openAi == null ? null : openAi.text("model", 1, MAX_MODEL);
        String host = host(provider);
        Integer port = provider.integer("port", 1, MAX_PORT);
        String path = provider.text("path", MAX_PATH, PATH, "a path that starts with `/`");
        String pathPrefix = provider.text("pathPrefix", MAX_PATH, PATH, "a path that starts with `/`");
        checkTogether(provider);
        provider.unsupported(OTHER_PROVIDERS).done();
        if (openAi != null) {
            openAi.unsupported("moderation").done();
        }
        return openAi == null ? null : new OpenAi(model, host, port, path, pathPrefix);
    }

    private @Nullable String host(Fields fields) {
        String host = fields.text("host", MAX_NAME, ADDRESS, "a host such as `llm.example.com`");
        if (host == null || isHost(host)) {
            return host;
        }
        findings.error(fields.origin("host"), "`" + host + "` is neither a host's name nor an address");
        return null;
    }

    /** A name that ends in digits is an address, or nothing. */
    private static boolean isHost(String text) {
        try {
            return new URI("http", null, text, 1, null, null, null).getHost() != null;
        } catch (URISyntaxException problem) {
            return false;
        }
    }

    private void checkTogether(Fields provider) {
        if (provider.has("host") != provider.has("port")) {
            boolean host = provider.has("host");
            findings.error(
                    provider.keyOrigin(host ? "host" : "port"),
                    "`host` and `port` belong together; add `" + (host ? "port" : "host") + "`");
        }
        provider.atMostOneOf("path", "pathPrefix");
        if (provider.has("pathPrefix") && !provider.has("host")) {
            findings.error(provider.keyOrigin("pathPrefix"), "`pathPrefix` needs a `host`");
        }
        boolean other = false;
        for (String name : OTHER_PROVIDERS) {
            other |= provider.has(name);
        }
        if (!other) {
            provider.require("openai");
        }
    }

    private @Nullable Auth auth(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        fields.unsupported(OTHER_AUTH).atMostOneOf("secretRef", "key", "passthrough");
        Fields secretRef = fields.fields("secretRef");
        String key = fields.text("key", 1, MAX_KEY);
        Fields passthrough = fields.fields("passthrough");
        fields.done();
        if (passthrough != null) {
            passthrough.done();
            return new Backend.Passthrough();
        }
        return secretRef != null ? secretRef(secretRef) : key != null ? new Backend.Key(key) : null;
    }

    private @Nullable Auth secretRef(Fields fields) {
        String name = fields.require("name").text("name", 1, MAX_NAME);
        String key = fields.text("key", 1, MAX_NAME);
        fields.done();
        return name == null
                ? null
                : new Backend.SecretRef(new ObjectName(document.name().namespace(), name), key, fields.origin());
    }
}

package io.gatepost.routes.manifest;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * An {@code AgentgatewayBackend}: an upstream, or a source of keys.
 *
 * @param name the object's name
 * @param upstream what it is
 * @param auth the credential that it is sent; null for none
 * @param tls how to speak TLS to it; null: OpenAI's own host by TLS, others in clear text
 * @param origin where the document starts
 */
public record Backend(
        ObjectName name,
        Upstream upstream,
        @Nullable Auth auth,
        @Nullable Tls tls,
        Origin origin) {

    /** What a backend is. */
    public sealed interface Upstream {}

    /**
     * {@code spec.ai.provider.openai}: something that speaks OpenAI's API.
     *
     * @param model the model to ask for instead of the request's; null to leave it
     * @param host the host, with {@code port}; null for OpenAI's own
     * @param port the port; null exactly where {@code host} is
     * @param path replaces the request's path and query; null to leave them
     * @param pathPrefix stands in for {@code /v1}; null exactly where {@code path} or no {@code host} is given, or
     *     where the document gives none
     */
    public record OpenAi(
            @Nullable String model,
            @Nullable String host,
            @Nullable Integer port,
            @Nullable String path,
            @Nullable String pathPrefix)
            implements Upstream {}

    /**
     * {@code spec.static}: one address.
     *
     * @param host the host
     * @param port the port
     */
    public record Static(String host, int port) implements Upstream {}

    /** Which credential a backend is sent. */
    public sealed interface Auth {}

    /**
     * {@code policies.auth.secretRef}: a value of a {@link Secret} in the backend's namespace.
     *
     * @param name the secret's name
     * @param key the value's key; null: {@code Authorization}, of which one leading {@code Bearer } is cut off
     * @param origin where it is written
     */
    public record SecretRef(ObjectName name, @Nullable String key, Origin origin) implements Auth {}

    /**
     * {@code policies.auth.key}: the credential itself. Its text form does not hold it.
     *
     * @param value the credential
     */
    public record Key(String value) implements Auth {
        @Override
        public String toString() {
            return "Key[redacted]";
        }
    }

    /** {@code policies.auth.passthrough}: the caller's verified token. */
    public record Passthrough() implements Auth {}
}

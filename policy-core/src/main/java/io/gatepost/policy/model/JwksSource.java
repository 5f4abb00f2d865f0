package io.gatepost.policy.model;

import io.gatepost.policy.diagnostic.Origin;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where a provider's key set (RFC 7517 section 5) comes from. */
public sealed interface JwksSource {
    /** How long fetched keys count as fresh where a document gives no {@code cacheDuration}. */
    Duration DEFAULT_CACHE_DURATION = Duration.ofMinutes(5);

    /**
     * The key set's JSON text, in the policy itself.
     *
     * @param text the key set, 2 to 65,536 characters
     * @param origin where it is written
     */
    record Inline(String text, Origin origin) implements JwksSource {
        public Inline {
            Objects.requireNonNull(text, "text");
            Objects.requireNonNull(origin, "origin");
        }

        /**
         * A key set given in code.
         *
         * @param text the key set's JSON
         */
        public Inline(String text) {
            this(text, Origin.CODE);
        }
    }

    /**
     * A file that holds the key set.
     *
     * @param path the file
     * @param origin where it is written
     */
    record File(Path path, Origin origin) implements JwksSource {
        public File {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(origin, "origin");
        }
    }

    /**
     * A URL that answers with the key set.
     *
     * @param url http or https, without user information, query or fragment
     * @param cacheDuration how long fetched keys count as fresh
     * @param origin where it is written
     */
    record RemoteUrl(URI url, Duration cacheDuration, Origin origin) implements JwksSource {
        public RemoteUrl {
            Objects.requireNonNull(url, "url");
            Objects.requireNonNull(cacheDuration, "cacheDuration");
            Objects.requireNonNull(origin, "origin");
        }
    }

    /**
     * A backend that answers with the key set; who embeds the engine resolves it to a {@link RemoteUrl}.
     *
     * @param group API group, empty for the core group
     * @param kind {@code Service} or {@code AgentgatewayBackend}
     * @param namespace the backend's namespace
     * @param name the backend's name
     * @param port the port, or null where the backend itself says it
     * @param path the path of the key set there
     * @param cacheDuration how long fetched keys count as fresh
     * @param origin where it is written
     */
    record RemoteBackend(
            String group,
            String kind,
            String namespace,
            String name,
            @Nullable Integer port,
            String path,
            Duration cacheDuration,
            Origin origin)
            implements JwksSource {
        public RemoteBackend {
            Objects.requireNonNull(group, "group");
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(namespace, "namespace");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(cacheDuration, "cacheDuration");
            Objects.requireNonNull(origin, "origin");
        }
    }

    /**
     * OpenID discovery: the issuer's {@code /.well-known/openid-configuration} names the URL.
     *
     * @param origin where it is written
     */
    record Discovery(Origin origin) implements JwksSource {
        public Discovery {
            Objects.requireNonNull(origin, "origin");
        }
    }

    /**
     * Where it is written.
     *
     * @return the position in the document
     */
    Origin origin();
}

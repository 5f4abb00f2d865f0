package io.gatepost.policy.model;

import io.gatepost.policy.diagnostic.Origin;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
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

        @Override
        public Inline withOrigin(Origin changed) {
            return new Inline(text, changed);
        }

        @Override
        public <R> R fold(
                Function<? super Inline, ? extends R> inline,
                Function<? super File, ? extends R> file,
                Function<? super RemoteUrl, ? extends R> url,
                Function<? super RemoteBackend, ? extends R> backend,
                Function<? super Discovery, ? extends R> discovery) {
            return inline.apply(this);
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

        @Override
        public File withOrigin(Origin changed) {
            return new File(path, changed);
        }

        @Override
        public <R> R fold(
                Function<? super Inline, ? extends R> inline,
                Function<? super File, ? extends R> file,
                Function<? super RemoteUrl, ? extends R> url,
                Function<? super RemoteBackend, ? extends R> backend,
                Function<? super Discovery, ? extends R> discovery) {
            return file.apply(this);
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

        @Override
        public RemoteUrl withOrigin(Origin changed) {
            return new RemoteUrl(url, cacheDuration, changed);
        }

        @Override
        public <R> R fold(
                Function<? super Inline, ? extends R> inline,
                Function<? super File, ? extends R> file,
                Function<? super RemoteUrl, ? extends R> url,
                Function<? super RemoteBackend, ? extends R> backend,
                Function<? super Discovery, ? extends R> discovery) {
            return url.apply(this);
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

        @Override
        public RemoteBackend withOrigin(Origin changed) {
            return new RemoteBackend(group, kind, namespace, name, port, path, cacheDuration, changed);
        }

        @Override
        public <R> R fold(
                Function<? super Inline, ? extends R> inline,
                Function<? super File, ? extends R> file,
                Function<? super RemoteUrl, ? extends R> url,
                Function<? super RemoteBackend, ? extends R> backend,
                Function<? super Discovery, ? extends R> discovery) {
            return backend.apply(this);
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

        @Override
        public Discovery withOrigin(Origin changed) {
            return new Discovery(changed);
        }

        @Override
        public <R> R fold(
                Function<? super Inline, ? extends R> inline,
                Function<? super File, ? extends R> file,
                Function<? super RemoteUrl, ? extends R> url,
                Function<? super RemoteBackend, ? extends R> backend,
                Function<? super Discovery, ? extends R> discovery) {
            return discovery.apply(this);
        }
    }

    /**
     * Where it is written.
     *
     * @return the position in the document
     */
    Origin origin();

    /**
     * The same source, written elsewhere.
     *
     * @param changed where it is written
     * @return a new source of the same kind
     */
    JwksSource withOrigin(Origin changed);

    /**
     * What is done for each kind of source, so that the compiler tells where one is forgotten.
     *
     * @param inline for a key set in the policy
     * @param file for a file
     * @param url for a URL
     * @param backend for a backend
     * @param discovery for OpenID discovery
     * @param <R> what comes of it
     * @return what the function of this kind returns
     */
    <R> R fold(
            Function<? super Inline, ? extends R> inline,
            Function<? super File, ? extends R> file,
            Function<? super RemoteUrl, ? extends R> url,
            Function<? super RemoteBackend, ? extends R> backend,
            Function<? super Discovery, ? extends R> discovery);
}

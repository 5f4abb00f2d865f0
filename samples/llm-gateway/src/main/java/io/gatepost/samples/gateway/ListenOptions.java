package io.gatepost.samples.gateway;

import io.gatepost.samples.gateway.server.Limits;
import io.gatepost.samples.gateway.server.ServeOptions.Listen;
import io.gatepost.samples.gateway.server.TlsFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where {@code serve} listens, by which certificate, and what a client may ask of it. */
@SuppressWarnings("NullAway.Init")
final class ListenOptions {
    @Option(names = "--port", defaultValue = "8080", paramLabel = "PORT", description = "default ${DEFAULT-VALUE}")
    private int port;

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            paramLabel = "HOST",
            description = "0.0.0.0 is every address, also from outside; default ${DEFAULT-VALUE}")
    private String host;

    @Option(
            names = "--admin-port",
            defaultValue = "9901",
            paramLabel = "PORT",
            description = "for /livez, /readyz, /metrics and /policies; 0 is off; default ${DEFAULT-VALUE}")
    private int adminPort;

    @Option(
            names = "--admin-host",
            paramLabel = "NAME",
            split = ",",
            description = "answer on the admin port under this name, too, beside addresses, localhost and --host, so"
                    + " that no web page can ask by rebinding a name of its own; default none")
    private Set<String> adminHosts = Set.of();

    @Option(
            names = "--h2c-upgrade",
            description = "let clients in the clear switch to HTTP/2 by `Upgrade: h2c`; with prior knowledge they can"
                    + " always; default off")
    private boolean h2cUpgrade;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "serve HTTPS with this certificate and its chain, PEM; taken up anew when it changes")
    private @Nullable Path tlsCert;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "its private key, PEM, without a passphrase")
    private @Nullable Path tlsKey;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "ask clients for certificates of these authorities, PEM; rules see them as source.*")
    private @Nullable Path tlsClientCa;

    @Option(
            names = "--tls-client-auth",
            paramLabel = "require|request",
            defaultValue = "require",
            description = "whether a client without a certificate is served; default ${DEFAULT-VALUE}")
    private ClientAuth tlsClientAuth;

    @Option(
            names = "--max-header-bytes",
            paramLabel = "BYTES",
            defaultValue = "65536",
            description = "the longest head of a request; default ${DEFAULT-VALUE}")
    private int maxHeaderBytes;

    @Option(
            names = "--max-body-bytes",
            paramLabel = "BYTES",
            defaultValue = "1073741824",
            description = "the longest body that is sent on; default ${DEFAULT-VALUE}")
    private long maxBodyBytes;

    @Option(
            names = "--max-judged-body-bytes",
            paramLabel = "BYTES",
            defaultValue = "2097152",
            description = "the longest body that rules or a backend's model read, as it came and decoded; default"
                    + " ${DEFAULT-VALUE}")
    private int maxJudgedBodyBytes;

    @Option(
            names = "--max-connections",
            paramLabel = "COUNT",
            defaultValue = "10000",
            description = "further ones are closed at once; default ${DEFAULT-VALUE}")
    private int maxConnections;

    @Option(
            names = "--max-streams",
            paramLabel = "COUNT",
            defaultValue = "100",
            description = "requests at once on one HTTP/2 connection; further ones are reset; default ${DEFAULT-VALUE}")
    private int maxStreams;

    @Option(
            names = "--head-timeout",
            paramLabel = "TIME",
            converter = TokenCommand.TimeConverter.class,
            defaultValue = "10s",
            description = "for a TLS handshake, and for the head of a request; default ${DEFAULT-VALUE}")
    private Duration headTimeout;

    @Option(
            names = "--keep-alive-timeout",
            paramLabel = "TIME",
            converter = TokenCommand.TimeConverter.class,
            defaultValue = "75s",
            description = "how long a connection waits for its next request; default ${DEFAULT-VALUE}")
    private Duration keepAliveTimeout;

    @Option(
            names = "--body-timeout",
            paramLabel = "TIME",
            converter = TokenCommand.TimeConverter.class,
            defaultValue = "60s",
            description = "how long nothing of a body may come; default ${DEFAULT-VALUE}")
    private Duration bodyTimeout;

    @Option(
            names = "--drain-timeout",
            paramLabel = "TIME",
            converter = TokenCommand.TimeConverter.class,
            defaultValue = "30s",
            description = "how long requests under way may go on after SIGTERM; default ${DEFAULT-VALUE}")
    private Duration drainTimeout;

    private enum ClientAuth {
        require,
        request
    }

    Duration drainTimeout() {
        return drainTimeout;
    }

    Listen listen() {
        return new Listen(host, port, adminPort);
    }

    Set<String> adminHosts() {
        return adminHosts;
    }

    boolean h2cUpgrade() {
        return h2cUpgrade;
    }

    /** @throws IllegalArgumentException where a limit is not positive; its message is the user's */
    Limits limits() {
        return new Limits(
                maxHeaderBytes,
                maxBodyBytes,
                maxJudgedBodyBytes,
                maxConnections,
                maxStreams,
                headTimeout,
                keepAliveTimeout,
                bodyTimeout);
    }

    /** @throws IllegalArgumentException where a file is missing; its message is the user's */
    @Nullable
    TlsFiles tls() {
        if (tlsCert != null && tlsKey != null) {
            return new TlsFiles(tlsCert, tlsKey, tlsClientCa, tlsClientAuth == ClientAuth.require);
        }
        if (tlsCert != null || tlsKey != null || tlsClientCa != null) {
            throw new IllegalArgumentException("TLS needs --tls-cert and --tls-key");
        }
        return null;
    }
}

package io.gatepost.policy.keys;

import java.io.IOException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.BasicHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.util.Timeout;

/** An HTTP client for one exchange with a key server, without anything that remembers, retries or follows. */
final class KeyConnection {
    private static final int MAX_LINE = 8 * 1024;
    private static final int MAX_HEADERS = 100;

    private KeyConnection() {}

    /**
     * @param endpoint whom to trust, and by which name
     * @param names the name service
     * @param patience how long the server may be silent
     */
    static CloseableHttpClient client(KeyEndpoint endpoint, DnsResolver names, Duration patience) throws IOException {
        return HttpClients.custom()
                .setConnectionManager(connections(endpoint, names, Timeout.of(patience)))
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setAuthenticationEnabled(false)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .setUserAgent("gatepost")
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableConnectionState()
                .disableContentCompression()
                .disableCookieManagement()
                .disableRedirectHandling()
                .build();
    }

    private static BasicHttpClientConnectionManager connections(
            KeyEndpoint endpoint, DnsResolver names, Timeout patience) throws IOException {
        BasicHttpClientConnectionManager connections = BasicHttpClientConnectionManager.create(
                null,
                names,
                RegistryBuilder.<TlsSocketStrategy>create()
                        .register("https", tls(endpoint))
                        .build(),
                ManagedHttpClientConnectionFactory.builder()
                        .http1Config(Http1Config.custom()
                                .setMaxLineLength(MAX_LINE)
                                .setMaxHeaderCount(MAX_HEADERS)
                                .build())
                        .build());
        connections.setConnectionConfig(ConnectionConfig.custom()
                .setConnectTimeout(patience)
                .setSocketTimeout(patience)
                .build());
        return connections;
    }

    /** The JDK checks the certificate's name, unless the endpoint's own context has other trust managers. */
    private static TlsSocketStrategy tls(KeyEndpoint endpoint) throws IOException {
        String name = endpoint.serverName() == null ? KeyClient.host(endpoint.base()) : endpoint.serverName();
        DefaultClientTlsStrategy strategy =
                new DefaultClientTlsStrategy(
                        context(endpoint), HostnameVerificationPolicy.BUILTIN, NoopHostnameVerifier.INSTANCE) {
                    @Override
                    protected void initializeSocket(SSLSocket socket) {
                        announce(name, socket);
                    }
                };
        return (socket, target, port, attachment, context) -> strategy.upgrade(socket, name, port, attachment, context);
    }

    /** The JDK alone would not announce names without dots. */
    private static void announce(String name, SSLSocket socket) {
        if (!name.contains(":") && !name.matches("[0-9.]+")) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            socket.setSSLParameters(parameters);
        }
    }

    private static SSLContext context(KeyEndpoint endpoint) throws IOException {
        SSLContext own = endpoint.tls();
        try {
            return own == null ? SSLContext.getDefault() : own;
        } catch (NoSuchAlgorithmException e) {
            throw new IOException("the JDK offers no TLS", e);
        }
    }
}

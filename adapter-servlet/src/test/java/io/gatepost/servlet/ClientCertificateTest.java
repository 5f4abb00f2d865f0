package io.gatepost.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.TrafficPolicy;
import jakarta.servlet.DispatcherType;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.EnumSet;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules on the certificate by which a client has proven who it is. */
class ClientCertificateTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    private Path folder;

    private KeyStore keys = emptyStore();

    private static KeyStore emptyStore() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void makeCertificate() throws Exception {
        Path file = folder.resolve("keys.p12");
        String line = "-genkeypair -alias key -keyalg EC -groupname secp256r1 -dname CN=agent-7 -validity 2"
                + " -ext SAN=dns:localhost,uri:spiffe://td.test/ns/llm/sa/agent -storetype PKCS12 -storepass "
                + PASSWORD;
        ProcessBuilder keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool")
                        .toString())
                .inheritIO();
        keytool.command().addAll(List.of(line.split(" ")));
        keytool.command().addAll(List.of("-keystore", file.toString()));
        assertThat(keytool.start().waitFor()).isZero();
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD.toCharArray());
        }
    }

    private SSLContext context(boolean withKey) throws Exception {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(withKey ? keys : emptyStore(), PASSWORD.toCharArray());
        KeyStore certificates = emptyStore();
        certificates.setCertificateEntry("key", keys.getCertificate("key"));
        TrustManagerFactory others = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        others.init(certificates);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), others.getTrustManagers(), null);
        return context;
    }

    private static PolicyFilter guard() {
        String rule = "source.subjectCn == 'agent-7' && source.identity.serviceAccount == 'agent'"
                + " && 'localhost' in source.subjectAltNames && source.address == '127.0.0.1'";
        return new PolicyFilter(PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", null, Authorization.of(AuthorizationAction.ALLOW, rule))))
                .expressions(new CelExpressionCompiler())
                .build());
    }

    private Server server() throws Exception {
        ServletContextHandler site = new ServletContextHandler("/");
        site.addFilter(new FilterHolder(guard()), "/*", EnumSet.allOf(DispatcherType.class));
        site.addServlet(new ServletHolder(Probe.servlet((request, response) -> "in")), "/*");
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setSslContext(context(true));
        tls.setWantClientAuth(true);
        HttpConfiguration https = new HttpConfiguration();
        https.addCustomizer(new SecureRequestCustomizer(false));
        Server server = new Server();
        ServerConnector port = new ServerConnector(server, tls, new HttpConnectionFactory(https));
        port.setHost(InetAddress.getLoopbackAddress().getHostAddress());
        server.addConnector(port);
        server.setHandler(site);
        server.start();
        return server;
    }

    @Test
    void areJudgedByWhatItSays() throws Exception {
        Server server = server();
        try {
            URI url = URI.create("https://localhost:" + ((ServerConnector) server.getConnectors()[0]).getLocalPort());

            assertThat(status(url, context(true))).isEqualTo(200);
            assertThat(status(url, context(false))).isEqualTo(403);
        } finally {
            server.stop();
        }
    }

    private static int status(URI url, SSLContext context) throws Exception {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .build()
                .send(HttpRequest.newBuilder(url).build(), BodyHandlers.discarding())
                .statusCode();
    }
}

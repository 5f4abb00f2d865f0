package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An identity provider on loopback, for tests: publishes its key set at {@code /jwks} and its discovery document
 * (OpenID Connect Discovery 1.0 section 4) at {@code /.well-known/openid-configuration}, and rotates its key when told.
 * Its issuer is its URL. Thread-safe.
 */
public final class TestKeyServer implements AutoCloseable {
    private final HttpServer server;
    private final String scheme;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger fetches = new AtomicInteger();
    private final AtomicInteger keys = new AtomicInteger(1);
    private volatile Published published;

    /** The key that signs, and the key set. */
    private record Published(TokenIssuer newest, String jwks) {}

    private TestKeyServer(@Nullable SSLContext tls) throws IOException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        if (tls == null) {
            server = HttpServer.create(anyPort, 0);
        } else {
            HttpsServer secured = HttpsServer.create(anyPort, 0);
            secured.setHttpsConfigurator(new HttpsConfigurator(tls));
            server = secured;
        }
        scheme = tls == null ? "http" : "https";
        TokenIssuer first = TokenIssuer.of(scheme + "://127.0.0.1:" + port());
        published = new Published(first, first.jwks());
        server.setExecutor(threads);
        server.createContext("/jwks", this::keys);
        server.createContext("/.well-known/openid-configuration", this::discovery);
        server.start();
    }

    /**
     * Starts a server on any free port.
     *
     * @return the server, to be closed
     */
    public static TestKeyServer start() {
        return start(null);
    }

    /**
     * Starts a server that speaks TLS on any free port.
     *
     * @param tls with the server's certificate, such as {@link TestCertificate#serving}; null for none
     * @return the server, to be closed
     */
    public static TestKeyServer start(@Nullable SSLContext tls) {
        try {
            return new TestKeyServer(tls);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Who signs now.
     *
     * @return the issuer with its newest key
     */
    public TokenIssuer issuer() {
        return published.newest();
    }

    /**
     * Takes a new key, and publishes it beside the one before; earlier ones leave.
     *
     * @return the issuer with its newest key
     */
    public synchronized TokenIssuer rotate() {
        TokenIssuer before = published.newest();
        TokenIssuer next = before.withNewKey("key-" + keys.incrementAndGet());
        published = new Published(next, TokenIssuer.jwks(before, next));
        return next;
    }

    /**
     * How often the key set was asked for.
     *
     * @return the number so far
     */
    public int fetches() {
        return fetches.get();
    }

    /**
     * Its port.
     *
     * @return the port on 127.0.0.1
     */
    public int port() {
        return server.getAddress().getPort();
    }

    /**
     * Where its key set is.
     *
     * @return such as {@code http://127.0.0.1:40123/jwks}
     */
    public URI jwksUrl() {
        return URI.create(scheme + "://127.0.0.1:" + port() + "/jwks");
    }

    private void keys(HttpExchange exchange) throws IOException {
        fetches.incrementAndGet();
        send(exchange, published.jwks());
    }

    private void discovery(HttpExchange exchange) throws IOException {
        send(exchange, "{\"issuer\":\"" + issuer().issuer() + "\",\"jwks_uri\":\"" + jwksUrl() + "\"}");
    }

    private static void send(HttpExchange exchange, String json) throws IOException {
        byte[] octets = json.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, octets.length);
        exchange.getResponseBody().write(octets);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A key server on loopback that answers as it is told and remembers what it was asked. */
final class StubKeyServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile HttpHandler handler;

    StubKeyServer(HttpHandler handler) throws IOException {
        this(handler, null);
    }

    StubKeyServer(HttpHandler handler, @Nullable SSLContext tls) throws IOException {
        this.handler = handler;
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        if (tls == null) {
            server = HttpServer.create(anyPort, 0);
        } else {
            HttpsServer secured = HttpsServer.create(anyPort, 0);
            secured.setHttpsConfigurator(new HttpsConfigurator(tls));
            server = secured;
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    static HttpHandler body(String body) {
        return exchange -> send(exchange, 200, body);
    }

    static HttpHandler status(int status, String body) {
        return exchange -> send(exchange, status, body);
    }

    static HttpHandler redirect(String location) {
        return exchange -> {
            exchange.getResponseHeaders().set("Location", location);
            send(exchange, 302, "");
        };
    }

    static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] octets = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, octets.length == 0 ? -1 : octets.length);
        if (octets.length > 0) {
            exchange.getResponseBody().write(octets);
        }
        exchange.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        asked.add(exchange.getRequestURI().getPath());
        handler.handle(exchange);
    }

    void answer(HttpHandler handler) {
        this.handler = handler;
    }

    /** The paths asked for so far. */
    List<String> asked() {
        return asked;
    }

    int port() {
        return server.getAddress().getPort();
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

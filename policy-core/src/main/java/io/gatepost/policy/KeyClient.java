package io.gatepost.policy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Asks key servers. The JDK's client can neither connect to another address than the URL's under the URL's TLS name,
 * nor end a body that drips; hence sockets.
 *
 * @param addresses where to connect to for a URL
 * @param timeout the time for all of one reading, redirects included
 * @param timer what ends it
 */
record KeyClient(Function<URI, InetSocketAddress> addresses, Duration timeout, ScheduledExecutorService timer) {
    private static final int MAX_REDIRECTS = 3;

    /** When everything must be over, by {@link System#nanoTime}. */
    record Deadline(long nanos, Duration allowed) {
        long remaining() throws IOException {
            long left = nanos - System.nanoTime();
            if (left <= 0) {
                throw new IOException("no complete answer within " + allowed.toMillis() + " ms");
            }
            return left;
        }
    }

    Deadline startClock() {
        return new Deadline(System.nanoTime() + timeout.toNanos(), timeout);
    }

    /** A 200, or a 304 where an ETag was sent; redirects are followed within the origin only. */
    HttpGet.Response get(KeyEndpoint from, @Nullable String etag, Deadline deadline) throws IOException {
        KeyEndpoint at = from;
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            HttpGet.Response response = once(at, etag, deadline);
            if (response.status() == 200 || (response.status() == 304 && etag != null)) {
                return response;
            }
            String location = response.header("location");
            if (response.status() / 100 != 3 || location == null) {
                throw new IOException("the key server answered with status " + response.status());
            }
            at = at.at(withinOrigin(at.base(), location));
        }
        throw new IOException("the key server redirects without end");
    }

    private static URI withinOrigin(URI from, String location) throws IOException {
        try {
            URI to = from.resolve(location);
            if (from.getScheme().equals(to.getScheme())
                    && from.getRawAuthority().equals(to.getRawAuthority())) {
                return to;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("the key server redirects to what is no URL", e);
        }
        throw new IOException("the key server redirects to another origin, which is not followed");
    }

    private HttpGet.Response once(KeyEndpoint endpoint, @Nullable String etag, Deadline deadline) throws IOException {
        try (Socket socket = new Socket()) {
            // Closing is the only way to end a read that each octet keeps alive.
            ScheduledFuture<?> alarm =
                    timer.schedule(() -> closeQuietly(socket), deadline.remaining(), TimeUnit.NANOSECONDS);
            try {
                return HttpGet.exchange(connect(socket, endpoint, deadline), endpoint.base(), etag);
            } catch (IOException e) {
                deadline.remaining();
                throw e;
            } finally {
                alarm.cancel(false);
            }
        }
    }

    private Socket connect(Socket socket, KeyEndpoint endpoint, Deadline deadline) throws IOException {
        URI url = endpoint.base();
        if (url.getHost() == null || !List.of("http", "https").contains(url.getScheme())) {
            throw new IOException("the key server's URL must be http or https, with a host");
        }
        InetSocketAddress address = addresses.apply(url);
        if (address.isUnresolved()) {
            throw new IOException("the key server's host has no address");
        }
        try {
            socket.connect(address, (int) Math.max(1, deadline.remaining() / 1_000_000));
        } catch (IOException e) {
            throw new IOException("no connection to the key server: " + e.getMessage(), e);
        }
        return "https".equals(url.getScheme()) ? secured(socket, endpoint) : socket;
    }

    private static Socket secured(Socket plain, KeyEndpoint endpoint) throws IOException {
        String name = endpoint.serverName() == null ? host(endpoint.base()) : endpoint.serverName();
        SSLSocket socket =
                (SSLSocket) context(endpoint).getSocketFactory().createSocket(plain, name, port(endpoint.base()), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (!name.contains(":") && !name.matches("[0-9.]+")) {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        socket.setSSLParameters(parameters);
        try {
            socket.startHandshake();
        } catch (IOException e) {
            throw new IOException("no TLS with the key server: " + e.getMessage(), e);
        }
        return socket;
    }

    private static SSLContext context(KeyEndpoint endpoint) throws IOException {
        SSLContext own = endpoint.tls();
        try {
            return own == null ? SSLContext.getDefault() : own;
        } catch (NoSuchAlgorithmException e) {
            throw new IOException("the JDK offers no TLS", e);
        }
    }

    static int port(URI url) {
        int standard = "https".equals(url.getScheme()) ? 443 : 80;
        return url.getPort() < 0 ? standard : url.getPort();
    }

    /** The host without the brackets of an IPv6 literal. */
    static String host(URI url) {
        String host = url.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Closing is all there is to do; the reader notices either way.
        }
    }
}

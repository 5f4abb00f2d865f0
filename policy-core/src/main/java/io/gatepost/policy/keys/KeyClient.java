package io.gatepost.policy.keys;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/**
 * Asks key servers, each time on a connection of its own.
 *
 * @param addresses where to connect to for a URL; null: where the name service says
 * @param timeout the time for all of one reading, redirects included
 * @param timer what ends it
 * @param names the name service
 */
record KeyClient(
        Function<URI, @Nullable InetSocketAddress> addresses,
        Duration timeout,
        ScheduledExecutorService timer,
        DnsResolver names) {
    private static final String ACCEPT = "application/jwk-set+json, application/json;q=0.9, */*;q=0.1";
    static final int MAX_BODY = 1024 * 1024;
    private static final int MAX_REDIRECTS = 3;

    /** An answer. */
    static final class Response {
        private final int status;
        private final @Nullable String etag;
        private final @Nullable String location;
        private final byte[] body;

        private Response(ClassicHttpResponse response) throws IOException {
            status = response.getCode();
            etag = value(response, HttpHeaders.ETAG);
            location = value(response, HttpHeaders.LOCATION);
            // Only the body of a 200 is of interest, and a 304 has none.
            body = status == 200 ? KeyClient.body(response) : new byte[0];
        }

        int status() {
            return status;
        }

        @Nullable
        String etag() {
            return etag;
        }

        byte[] body() {
            return body;
        }
    }

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

    /** The same, but to none of {@link InternalAddresses}, unless {@link #addresses} says so. */
    KeyClient outside() {
        return new KeyClient(addresses, timeout, timer, InternalAddresses.AVOIDING);
    }

    /** Whether a URL's host has one of {@link InternalAddresses}. */
    boolean isInternal(URI url) throws IOException {
        InetSocketAddress address = addresses.apply(url);
        if (address != null) {
            return !address.isUnresolved() && InternalAddresses.contain(address.getAddress());
        }
        try {
            return Arrays.stream(names.resolve(host(url))).anyMatch(InternalAddresses::contain);
        } catch (UnknownHostException e) {
            throw explained(e);
        }
    }

    Deadline startClock() {
        return new Deadline(System.nanoTime() + timeout.toNanos(), timeout);
    }

    /** A 200, or a 304 where an ETag was sent; redirects are followed within the origin only. */
    Response get(KeyEndpoint from, @Nullable String etag, Deadline deadline) throws IOException {
        KeyEndpoint at = from;
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            Response response = once(at, etag, deadline);
            if (response.status == 200 || (response.status == 304 && etag != null)) {
                return response;
            }
            if (response.status / 100 != 3 || response.location == null) {
                throw new IOException("the key server answered with status " + response.status);
            }
            at = at.at(withinOrigin(at.base(), response.location));
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

    private Response once(KeyEndpoint endpoint, @Nullable String etag, Deadline deadline) throws IOException {
        HttpHost target = target(endpoint.base());
        HttpGet request = request(endpoint.base(), etag);
        CloseableHttpClient client = KeyConnection.client(endpoint, names, Duration.ofNanos(deadline.remaining()));
        // Neither timeout of a socket ends what each octet keeps alive.
        ScheduledFuture<?> alarm = timer.schedule(
                () -> {
                    request.cancel();
                },
                deadline.remaining(),
                TimeUnit.NANOSECONDS);
        try {
            return new Response(client.executeOpen(target, request, null));
        } catch (IOException e) {
            deadline.remaining();
            throw explained(e);
        } finally {
            alarm.cancel(false);
            // At once: closing politely would first read the rest of the body.
            client.close(CloseMode.IMMEDIATE);
        }
    }

    /** The address counts for the connection, the name for TLS; {@code Host} is the request's own. */
    private HttpHost target(URI url) throws IOException {
        if (url.getHost() == null || !List.of("http", "https").contains(url.getScheme())) {
            throw new IOException("the key server's URL must be http or https, with a host");
        }
        InetSocketAddress address = addresses.apply(url);
        if (address == null) {
            return new HttpHost(url.getScheme(), host(url), port(url));
        }
        if (address.isUnresolved()) {
            throw withoutAddress(null);
        }
        return new HttpHost(url.getScheme(), address.getAddress(), host(url), address.getPort());
    }

    private static HttpGet request(URI url, @Nullable String etag) {
        HttpGet request = new HttpGet(url);
        request.setHeader(HttpHeaders.ACCEPT, ACCEPT);
        request.setHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
        request.setHeader(HttpHeaders.CONNECTION, "close");
        if (etag != null) {
            request.setHeader(HttpHeaders.IF_NONE_MATCH, etag);
        }
        return request;
    }

    private static byte[] body(ClassicHttpResponse response) throws IOException {
        if (response.getEntity() == null) {
            return new byte[0];
        }
        byte[] octets = decoded(response).readNBytes(MAX_BODY + 1);
        if (octets.length > MAX_BODY) {
            throw new IOException("the key server's answer is longer than 1 MiB");
        }
        return octets;
    }

    /** Some servers send gzip to whoever asks, and also to who does not. */
    private static InputStream decoded(ClassicHttpResponse response) throws IOException {
        InputStream content = response.getEntity().getContent();
        String encoding = value(response, HttpHeaders.CONTENT_ENCODING);
        return switch (encoding == null ? "identity" : encoding.toLowerCase(Locale.ROOT)) {
            case "identity" -> content;
            case "gzip", "x-gzip" -> new GZIPInputStream(content);
            default -> throw new IOException("the key server's answer has a coding that was not asked for");
        };
    }

    private static @Nullable String value(ClassicHttpResponse response, String name) {
        Header header = response.getLastHeader(name);
        return header == null ? null : header.getValue();
    }

    private static IOException explained(IOException e) {
        if (e instanceof InternalAddresses.RefusedException) {
            return new IOException(
                    "the host has an internal address, and the issuer's is a public one" + KeyDiscovery.CURE, e);
        }
        if (e instanceof UnknownHostException) {
            return withoutAddress(e);
        }
        if (e instanceof SSLException) {
            return new IOException("no TLS with the key server: " + e.getMessage(), e);
        }
        if (e instanceof ConnectException || e instanceof SocketTimeoutException) {
            return new IOException("no connection to the key server: " + e.getMessage(), e);
        }
        return e instanceof ConnectionClosedException || e instanceof NoHttpResponseException
                ? new IOException("the key server's answer ends early", e)
                : e;
    }

    private static IOException withoutAddress(@Nullable Exception cause) {
        return new IOException("the key server's host has no address", cause);
    }

    private static int port(URI url) {
        int standard = "https".equals(url.getScheme()) ? 443 : 80;
        return url.getPort() < 0 ? standard : url.getPort();
    }

    /** The host without the brackets of an IPv6 literal. */
    static String host(URI url) {
        String host = url.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}

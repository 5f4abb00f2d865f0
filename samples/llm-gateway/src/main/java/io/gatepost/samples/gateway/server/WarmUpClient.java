package io.gatepost.samples.gateway.server;

import io.gatepost.policy.model.JwtProvider;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks as clients do: mostly what is allowed with a token that is known, and now and then everything else. Sends on all
 * connections, then reads from all. Not thread-safe.
 */
final class WarmUpClient implements AutoCloseable {
    private static final int CONNECTIONS = 16;
    private static final int LOADED = 8;

    /** How often in a row an answer may fail to come. */
    private static final int FAILURES = 32;

    private static final String BODY =
            "{\"model\":\"warm-up\",\"messages\":[{\"role\":\"user\",\"content\":\"Say hello to everybody in the room.\"}]}";

    private final InetSocketAddress gateway;
    private final WarmUpKeys keys;
    private final JwtProvider provider;
    private final List<byte[]> usual = new ArrayList<>();
    private final List<byte[]> rare = new ArrayList<>();
    private final List<@Nullable WarmUpConnection> connections = new ArrayList<>();
    private long asked;
    private int failures;

    WarmUpClient(URI url, WarmUpKeys keys, WarmUpManifests manifests) throws GeneralSecurityException {
        gateway = new InetSocketAddress(InetAddress.getLoopbackAddress(), url.getPort());
        this.keys = keys;
        provider = manifests.ownProvider();
        String token = keys.token(provider);
        String own = WarmUpManifests.HOST;
        byte[] hot = post(own, "/v1/chat/completions", token);
        usual.addAll(Collections.nCopies(CONNECTIONS - 2, hot));
        usual.add(post(own, "/model/v1/chat/completions", token));
        rare.add(post(own, WarmUpUpstream.STREAM, token));
        rare.add(post(own, "/v1/chat/completions", null));
        rare.add(post(own, "/v1/chat/completions", WarmUpKeys.forged(token)));
        rare.add(octets("GET /v1/models HTTP/1.1\r\nHost: " + own + "\r\nConnection: close\r\nAuthorization: Bearer "
                + token + "\r\n\r\n"));
        for (JwtProvider other : manifests.providers().stream().limit(LOADED).toList()) {
            rare.add(post("localhost", "/v1/chat/completions", keys.token(other)));
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            connections.add(null);
        }
    }

    private static byte[] post(String host, String target, @Nullable String token) {
        return octets("POST " + target + " HTTP/1.1\r\nHost: " + host
                + "\r\nContent-Type: application/json\r\nContent-Length: " + BODY.length()
                + (token == null ? "" : "\r\nAuthorization: Bearer " + token) + "\r\n\r\n" + BODY);
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    long asked() {
        return asked;
    }

    /** Asks until then; time as of {@link System#nanoTime}. */
    void askUntil(long end) throws IOException, GeneralSecurityException {
        while (System.nanoTime() - end < 0) {
            askOnAll();
        }
    }

    private void askOnAll() throws IOException, GeneralSecurityException {
        for (int i = 0; i < CONNECTIONS; i++) {
            WarmUpConnection connection = connections.get(i);
            if (connection == null) {
                connection = new WarmUpConnection(SocketChannel.open(gateway));
                connections.set(i, connection);
            }
            connection.write(next(i));
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            WarmUpConnection connection = connections.get(i);
            if (connection != null && !isAnswered(connection)) {
                connection.close();
                connections.set(i, null);
            }
        }
    }

    private byte[] next(int connection) throws GeneralSecurityException {
        if (connection < usual.size()) {
            return usual.get(connection);
        }
        long turn = asked / CONNECTIONS;
        int kind = (int) (turn % (rare.size() + 1));
        return kind == rare.size()
                ? post(WarmUpManifests.HOST, "/v1/chat/completions", keys.token(provider))
                : rare.get(kind);
    }

    private boolean isAnswered(WarmUpConnection connection) throws IOException {
        asked++;
        try {
            boolean kept = connection.read().indexOf("\r\nConnection: close") < 0;
            failures = 0;
            return kept;
        } catch (EOFException unanswered) {
            if (++failures == FAILURES) {
                throw unanswered;
            }
            return false;
        }
    }

    @Override
    public void close() {
        for (WarmUpConnection connection : connections) {
            if (connection != null) {
                connection.close();
            }
        }
    }
}

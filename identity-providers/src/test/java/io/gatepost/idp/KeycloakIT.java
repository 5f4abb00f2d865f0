package io.gatepost.idp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Keycloak, administered by its REST API. */
class KeycloakIT extends IdentityProviderContract {
    private static final String ADMIN = "admin";
    private static final String SECRET = "agent-secret-of-a-test";
    private static final String REALM = """
            {"realm": "gatepost", "enabled": true, "clients": [{"clientId": "agent", "secret": "SECRET", "enabled": true,
             "serviceAccountsEnabled": true, "standardFlowEnabled": false, "publicClient": false}]}
            """.replace("SECRET", SECRET);
    private static final String KEYS = "components?type=org.keycloak.keys.KeyProvider";
    private static final String NEW_KEY = """
            {"name": "NAME", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
             "config": {"priority": ["PRIORITY"], "keySize": ["2048"], "algorithm": ["RS256"]}}
            """;
    private static final Pattern SIGNING_KEY =
            Pattern.compile("\"id\":\"([^\"]+)\",\"name\":\"([^\"]+)\",\"providerId\":\"rsa-generated\"");

    private final Deque<String> published = new ArrayDeque<>();
    private @Nullable Process server;
    private URI url = URI.create("");
    private int rotations;

    @BeforeEach
    void start() throws IOException {
        int port = freePort();
        url = URI.create("http://127.0.0.1:" + port + "/");
        File home = new File(System.getProperty("keycloak.home"));
        ProcessBuilder builder = new ProcessBuilder(
                        "sh",
                        "bin/kc.sh",
                        "start-dev",
                        "--db=dev-mem",
                        "--cache=local",
                        "--http-host=127.0.0.1",
                        "--http-port=" + port)
                .directory(home)
                .redirectErrorStream(true)
                .redirectOutput(new File(home, "keycloak.log"));
        builder.environment().put("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN);
        builder.environment().put("KC_BOOTSTRAP_ADMIN_PASSWORD", ADMIN);
        builder.environment().put("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m");
        builder.environment().put("JAVA_OPTS_APPEND", "-XX:TieredStopAtLevel=1");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        server = builder.start();
        awaitStart(server);
        administer("POST", "admin/realms", REALM);
        published.add(findKey("rsa-generated"));
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (server != null) {
            server.descendants().forEach(ProcessHandle::destroy);
            server.destroy();
            server.waitFor();
        }
    }

    private void awaitStart(Process process) throws IOException {
        long deadline = System.nanoTime() + Duration.ofMinutes(8).toNanos();
        while (true) {
            try {
                send(HttpRequest.newBuilder(url.resolve("realms/master")));
                return;
            } catch (ConnectException e) {
                assertThat(System.nanoTime()).as("starts in time").isLessThan(deadline);
                assertThat(process.isAlive()).as("runs, see keycloak.log").isTrue();
                LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            }
        }
    }

    @Override
    String issuer() {
        return url + "realms/gatepost";
    }

    @Override
    String token() throws IOException {
        return clientCredentials(URI.create(issuer() + "/protocol/openid-connect/token"), SECRET);
    }

    /** As its administration guide says: a key of higher priority signs, older ones verify until they are deleted. */
    @Override
    void rotate() throws IOException {
        rotations++;
        String name = "rotated-" + rotations;
        String priority = Integer.toString(100 + rotations);
        administer(
                "POST",
                "admin/realms/gatepost/components",
                NEW_KEY.replace("NAME", name).replace("PRIORITY", priority));
        published.add(findKey(name));
        if (published.size() > 2) {
            administer("DELETE", "admin/realms/gatepost/components/" + published.remove(), null);
        }
    }

    private String findKey(String name) throws IOException {
        Matcher keys = SIGNING_KEY.matcher(administer("GET", "admin/realms/gatepost/" + KEYS, null));
        while (keys.find()) {
            if (keys.group(2).equals(name)) {
                return keys.group(1);
            }
        }
        throw new IOException("no key provider " + name);
    }

    private String administer(String method, String path, @Nullable String json) throws IOException {
        String token = accessToken(
                url.resolve("realms/master/protocol/openid-connect/token"),
                Map.of("grant_type", "password", "client_id", "admin-cli", "username", ADMIN, "password", ADMIN));
        return send(HttpRequest.newBuilder(url.resolve(path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        json == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(json)));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

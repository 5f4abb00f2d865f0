package io.gatepost.idp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The certified provider {@code oidc-provider} on Node.js. */
class OidcProviderIT extends IdentityProviderContract {
    private static final File FOLDER = new File("target/test-classes/oidc-provider");

    private @Nullable Process server;
    private @Nullable BufferedReader says;
    private String issuer = "";

    @BeforeEach
    void start() throws Exception {
        Process npm = new ProcessBuilder("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                .directory(FOLDER)
                .redirectErrorStream(true)
                .redirectOutput(new File(FOLDER, "npm.log"))
                .start();
        assertThat(npm.waitFor()).as("npm ci, see %s/npm.log", FOLDER).isZero();
        Process started = new ProcessBuilder("node", "server.mjs")
                .directory(FOLDER)
                .redirectError(new File(FOLDER, "server.log"))
                .start();
        server = started;
        says = started.inputReader(StandardCharsets.UTF_8);
        issuer = await("issuer ").substring("issuer ".length());
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (server != null) {
            server.destroy();
            server.waitFor();
        }
    }

    @Override
    String issuer() {
        return issuer;
    }

    @Override
    String token() throws IOException {
        return clientCredentials(URI.create(issuer + "/token"), "agent-secret-of-a-test");
    }

    @Override
    void rotate() throws IOException {
        if (server != null) {
            OutputStream commands = server.getOutputStream();
            commands.write("rotate\n".getBytes(StandardCharsets.UTF_8));
            commands.flush();
        }
        await("rotated");
    }

    /** The next line that starts so; the provider's own warnings come in between. */
    private String await(String start) throws IOException {
        List<String> seen = new ArrayList<>();
        for (String line = read(); line != null; line = read()) {
            if (line.startsWith(start)) {
                return line;
            }
            seen.add(line);
        }
        throw new IOException("the provider ended: " + seen);
    }

    private @Nullable String read() throws IOException {
        return says == null ? null : says.readLine();
    }
}

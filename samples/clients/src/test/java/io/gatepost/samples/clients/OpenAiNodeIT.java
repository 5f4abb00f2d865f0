package io.gatepost.samples.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own SDK for Node.js. */
@Timeout(300)
class OpenAiNodeIT {
    private static final File FOLDER = new File("target/test-classes/openai-node");

    @TempDir
    private Path folder;

    private @Nullable RunningGateway gateway;
    private String baseUrl = "";

    @BeforeAll
    static void install() throws Exception {
        Tool.run(FOLDER, List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
    }

    @BeforeEach
    void start() throws IOException {
        RunningGateway started = RunningGateway.start(folder);
        gateway = started;
        baseUrl = started.baseUrl();
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    @Test
    void answersWithAToken() throws Exception {
        assertBoth(RunningGateway.token("alice"), RunningGateway.ANSWER);
    }

    @Test
    void tellsThatATokenIsMissing() throws Exception {
        assertBoth("", "AuthenticationError token_missing 401 " + RunningGateway.NO_TOKEN);
    }

    @Test
    void tellsThatATokenIsBad() throws Exception {
        assertBoth(
                RunningGateway.forgedToken(), "AuthenticationError invalid_token 401 " + RunningGateway.BAD_TOKEN);
    }

    @Test
    void tellsThatARuleForbidsIt() throws Exception {
        assertBoth(RunningGateway.token("bob"), "PermissionDeniedError forbidden 403 " + RunningGateway.FORBIDDEN);
    }

    private void assertBoth(String token, String outcome) throws Exception {
        assertThat(Tool.run(FOLDER, List.of("node", "ask.mjs", baseUrl, token)).lines())
                .containsExactly("plain: " + outcome, "streaming: " + outcome);
    }
}

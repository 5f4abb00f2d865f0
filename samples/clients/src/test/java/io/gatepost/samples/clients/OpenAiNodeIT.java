package io.gatepost.samples.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own SDK for Node.js. */
@Timeout(300)
class OpenAiNodeIT {
    private static final File FOLDER = new File("target/test-classes/openai-node");

    @TempDir
    private static Path folder;

    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws Exception {
        Tool.run(FOLDER, List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
        gateway = RunningGateway.start(folder);
    }

    @AfterAll
    static void stop() {
        gateway.close();
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
        assertBoth(RunningGateway.forgedToken(), "AuthenticationError invalid_token 401 " + RunningGateway.BAD_TOKEN);
    }

    @Test
    void tellsThatARuleForbidsIt() throws Exception {
        assertBoth(RunningGateway.token("bob"), "PermissionDeniedError forbidden 403 " + RunningGateway.FORBIDDEN);
    }

    private static void assertBoth(String token, String outcome) throws Exception {
        assertThat(Tool.run(FOLDER, List.of("node", "ask.mjs", gateway.baseUrl(), token))
                        .lines())
                .containsExactly("plain: " + outcome, "streaming: " + outcome);
    }
}

package io.gatepost.samples.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j's client of OpenAI, which has one exception for both refusals. */
@Timeout(120)
class LangChain4jTest {
    private static final String MODEL = "gpt-4.1-nano";
    private static final String QUESTION = "What is a JWT?";

    @TempDir
    private static Path folder;

    private static RunningGateway gateway;

    @BeforeAll
    static void start() throws IOException {
        gateway = RunningGateway.start(folder);
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void answersWithAToken() {
        assertThat(ask(RunningGateway.token("alice"))).isEqualTo(RunningGateway.ANSWER);
    }

    @Test
    void streamsWithAToken() {
        List<String> words = stream(RunningGateway.token("alice"));

        assertThat(words).hasSizeGreaterThan(10);
        assertThat(String.join("", words)).isEqualTo(RunningGateway.ANSWER);
    }

    @Test
    void tellsThatATokenIsMissing() {
        refuses(null, RunningGateway.NO_TOKEN);
    }

    @Test
    void tellsThatATokenIsBad() {
        refuses(RunningGateway.forgedToken(), RunningGateway.BAD_TOKEN);
    }

    @Test
    void tellsThatARuleForbidsIt() {
        refuses(RunningGateway.token("bob"), RunningGateway.FORBIDDEN);
    }

    private void refuses(@Nullable String token, String message) {
        assertThatThrownBy(() -> ask(token))
                .isInstanceOf(AuthenticationException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> stream(token))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(AuthenticationException.class)
                .hasMessageContaining(message);
    }

    private String ask(@Nullable String token) {
        return OpenAiChatModel.builder()
                .baseUrl(gateway.baseUrl())
                .apiKey(token)
                .modelName(MODEL)
                .maxRetries(0)
                .build()
                .chat(QUESTION);
    }

    private List<String> stream(@Nullable String token) {
        Words words = new Words();
        OpenAiStreamingChatModel.builder()
                .baseUrl(gateway.baseUrl())
                .apiKey(token)
                .modelName(MODEL)
                .build()
                .chat(QUESTION, words);
        return words.all.join();
    }

    private static final class Words implements StreamingChatResponseHandler {
        private final ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
        private final CompletableFuture<List<String>> all = new CompletableFuture<>();

        @Override
        public void onPartialResponse(String word) {
            seen.add(word);
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            all.complete(List.copyOf(seen));
        }

        @Override
        public void onError(Throwable problem) {
            all.completeExceptionally(problem);
        }
    }
}

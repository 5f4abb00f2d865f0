package io.gatepost.samples.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.PermissionDeniedException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own SDK for Java. */
@Timeout(120)
class OpenAiJavaTest {
    private static final ChatCompletionCreateParams QUESTION = ChatCompletionCreateParams.builder()
            .model("gpt-4.1-nano")
            .addUserMessage("What is a JWT?")
            .build();

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
        OpenAIClient client = client(RunningGateway.token("alice"));

        assertThat(client.chat().completions().create(QUESTION).choices())
                .singleElement()
                .satisfies(choice -> assertThat(choice.message().content()).hasValue(RunningGateway.ANSWER));
    }

    @Test
    void streamsWithAToken() {
        List<String> words = stream(client(RunningGateway.token("alice")));

        assertThat(words).hasSizeGreaterThan(10);
        assertThat(String.join("", words)).isEqualTo(RunningGateway.ANSWER);
    }

    @Test
    void tellsThatATokenIsMissing() {
        refuses(null, UnauthorizedException.class, "token_missing", "401: " + RunningGateway.NO_TOKEN);
    }

    @Test
    void tellsThatATokenIsBad() {
        refuses(
                RunningGateway.forgedToken(),
                UnauthorizedException.class,
                "invalid_token",
                "401: " + RunningGateway.BAD_TOKEN);
    }

    @Test
    void tellsThatARuleForbidsIt() {
        refuses(
                RunningGateway.token("bob"),
                PermissionDeniedException.class,
                "forbidden",
                "403: " + RunningGateway.FORBIDDEN);
    }

    private static void refuses(
            @Nullable String token, Class<? extends OpenAIServiceException> type, String code, String message) {
        OpenAIClient client = client(token);

        OpenAIServiceException plain =
                catchThrowableOfType(type, () -> client.chat().completions().create(QUESTION));
        OpenAIServiceException streaming = catchThrowableOfType(type, () -> stream(client));

        assertThat(List.of(plain, streaming)).allSatisfy(refusal -> {
            assertThat(refusal).hasMessage(message);
            assertThat(refusal.code()).hasValue(code);
        });
    }

    /** The SDK demands a key, and leaves it out where it is told to. */
    private static OpenAIClient client(@Nullable String token) {
        OpenAIOkHttpClient.Builder builder = OpenAIOkHttpClient.builder().baseUrl(gateway.baseUrl());
        return token == null
                ? builder.apiKey("none").removeHeaders("Authorization").build()
                : builder.apiKey(token).build();
    }

    private static List<String> stream(OpenAIClient client) {
        try (StreamResponse<ChatCompletionChunk> response =
                client.chat().completions().createStreaming(QUESTION)) {
            return response.stream()
                    .flatMap(chunk -> chunk.choices().stream())
                    .flatMap(choice -> choice.delta().content().stream())
                    .toList();
        }
    }
}

package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MockLlmTest {
    private final HttpClient client = HttpClient.newHttpClient();
    private final MockLlm llm = new MockLlm();

    @AfterEach
    void stop() {
        llm.close();
    }

    @Test
    void answersWithACompletionOfTheModelAsked() throws Exception {
        var answer = post("/v1/chat/completions", "{\"model\":\"gpt-x\",\"messages\":[]}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"chat.completion\"", "\"model\":\"gpt-x\"", "JSON Web Token");
    }

    @Test
    void streamsAboutTwentyChunksAndSaysThatItIsDone() throws Exception {
        var answer = post("/v1/chat/completions", "{\"model\":\"gpt-x\",\"messages\":[],\"stream\":true}");

        assertThat(answer.headers().firstValue("content-type")).contains("text/event-stream");
        assertThat(answer.body().lines().filter(line -> line.startsWith("data: ")))
                .hasSizeGreaterThan(20)
                .endsWith("data: [DONE]");
    }

    @Test
    void addsTheUsageToAStreamWhereAsked() throws Exception {
        String asked = "{\"model\":\"m\",\"messages\":[],\"stream\":true,\"stream_options\":{\"include_usage\":true}}";

        assertThat(post("/v1/chat/completions", asked).body()).contains("\"total_tokens\"");
    }

    @Test
    void refusesWhatIsNoChatCompletion() throws Exception {
        assertThat(post("/v1/embeddings", "{}").statusCode()).isEqualTo(404);
        assertThat(post("/v1/chat/completions", "{").statusCode()).isEqualTo(400);
        assertThat(post("/v1/chat/completions", "{\"messages\":[]}").body()).contains("`model`");
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        URI uri = llm.url().resolve(path);
        return client.send(
                HttpRequest.newBuilder(uri)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }
}

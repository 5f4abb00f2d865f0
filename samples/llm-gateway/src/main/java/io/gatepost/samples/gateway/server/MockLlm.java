package io.gatepost.samples.gateway.server;

import io.gatepost.policy.ErrorResponse;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.io.IoCallback;
import io.undertow.io.Sender;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Answers OpenAI's chat completions on a loopback port of its own, plain and streamed; knows no key and no model. */
final class MockLlm implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration BETWEEN_CHUNKS = Duration.ofMillis(20);
    private static final long CREATED = 1_767_225_600;
    private static final List<String> WORDS = List.of(("A JSON Web Token is a signed statement about its bearer:"
                    + " who issued it, whom it speaks of and until when it holds.")
            .split("(?<= )"));

    private final Undertow server;

    MockLlm() {
        server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setIoThreads(1)
                .setWorkerThreads(2)
                // What it gets has met the gateway's limits.
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
                .setHandler(exchange -> exchange.getRequestReceiver().receiveFullString(MockLlm::answer))
                .build();
        server.start();
    }

    URI url() {
        InetSocketAddress address =
                (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
        return URI.create("http://127.0.0.1:" + address.getPort());
    }

    @Override
    public void close() {
        server.stop();
    }

    private static void answer(HttpServerExchange exchange, String body) {
        if (!exchange.getRequestPath().endsWith("/chat/completions")) {
            send(exchange, ErrorResponse.of(404, "unknown_url", "the mock knows only /v1/chat/completions"));
            return;
        }
        try {
            JsonNode request = JSON.readTree(body);
            String model = request.path("model").asString("");
            if (model.isEmpty() || !request.path("messages").isArray()) {
                send(exchange, ErrorResponse.of(400, "invalid_body", "expected `model` and `messages`"));
            } else if (request.path("stream").asBoolean(false)) {
                stream(exchange, chunks(request, model));
            } else {
                send(exchange, "application/json", completion(model));
            }
        } catch (JacksonException problem) {
            send(exchange, ErrorResponse.of(400, "invalid_body", "expected a JSON object"));
        }
    }

    private static void send(HttpServerExchange exchange, ErrorResponse error) {
        exchange.setStatusCode(error.status());
        send(exchange, "application/json", error.body());
    }

    private static void send(HttpServerExchange exchange, String type, String body) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
        exchange.getResponseSender().send(body);
    }

    private static String completion(String model) {
        Map<String, Object> answer = envelope("chat.completion", model);
        Map<String, Object> message = Map.of("role", "assistant", "content", String.join("", WORDS));
        answer.put("choices", List.of(choice("message", message, "stop")));
        answer.put("usage", usage());
        return JSON.writeValueAsString(answer);
    }

    private static List<String> chunks(JsonNode request, String model) {
        List<String> chunks = new ArrayList<>();
        chunks.add(chunk(model, Map.of("role", "assistant", "content", ""), null));
        WORDS.forEach(word -> chunks.add(chunk(model, Map.of("content", word), null)));
        chunks.add(chunk(model, Map.of(), "stop"));
        if (request.path("stream_options").path("include_usage").asBoolean(false)) {
            Map<String, Object> last = envelope("chat.completion.chunk", model);
            last.put("choices", List.of());
            last.put("usage", usage());
            chunks.add(JSON.writeValueAsString(last));
        }
        chunks.add("[DONE]");
        return chunks;
    }

    private static String chunk(String model, Map<String, Object> delta, @Nullable String finish) {
        Map<String, Object> chunk = envelope("chat.completion.chunk", model);
        chunk.put("choices", List.of(choice("delta", delta, finish)));
        return JSON.writeValueAsString(chunk);
    }

    private static Map<String, Object> envelope(String object, String model) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", "chatcmpl-mock");
        fields.put("object", object);
        fields.put("created", CREATED);
        fields.put("model", model);
        return fields;
    }

    private static Map<String, @Nullable Object> choice(
            String member, Map<String, Object> content, @Nullable String finish) {
        Map<String, @Nullable Object> choice = new LinkedHashMap<>();
        choice.put("index", 0);
        choice.put(member, content);
        choice.put("finish_reason", finish);
        return choice;
    }

    private static Map<String, Object> usage() {
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("prompt_tokens", 1);
        usage.put("completion_tokens", WORDS.size());
        usage.put("total_tokens", 1 + WORDS.size());
        return usage;
    }

    /** Sends one chunk after the other from the exchange's own I/O thread, which sleeps in between, not blocks. */
    private static void stream(HttpServerExchange exchange, List<String> chunks) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/event-stream");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-cache");
        exchange.dispatch(exchange.getIoThread(), () -> sendFrom(exchange, chunks, 0));
    }

    private static void sendFrom(HttpServerExchange exchange, List<String> chunks, int index) {
        if (index == chunks.size()) {
            exchange.endExchange();
            return;
        }
        exchange.getResponseSender().send("data: " + chunks.get(index) + "\n\n", new IoCallback() {
            @Override
            public void onComplete(HttpServerExchange sent, Sender sender) {
                sent.getIoThread()
                        .executeAfter(
                                () -> sendFrom(sent, chunks, index + 1),
                                BETWEEN_CHUNKS.toMillis(),
                                TimeUnit.MILLISECONDS);
            }

            @Override
            public void onException(HttpServerExchange broken, Sender sender, IOException problem) {
                broken.endExchange();
            }
        });
    }
}

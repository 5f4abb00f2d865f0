package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.forward.UpstreamFailure;
import io.gatepost.undertow.UpstreamCall;
import io.gatepost.undertow.UpstreamListener;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Times the calls of one upstream. Thread-safe. */
final class UpstreamMeters implements UpstreamListener {
    private final Families families;
    private final Tags server;
    private final String model;
    private final Map<Kind, Timer> calls = new ConcurrentHashMap<>();
    private final Map<Kind, Timer> operations = new ConcurrentHashMap<>();
    private final Map<String, Timer> firstChunks = new ConcurrentHashMap<>();

    /** The histograms of all upstreams. */
    record Families(Histograms calls, Histograms operations, Histograms firstChunks) {}

    /** @param model the model that the operator wrote, never the client's; empty where there is none */
    UpstreamMeters(Families families, Tags server, String model) {
        this.families = families;
        this.server = server;
        this.model = model;
    }

    /** What calls have in common that are counted together; {@code of} is a method or an operation. */
    private record Kind(String of, int status, @Nullable String failure) {
        /** By the failure's word: several failures may share one. */
        static Kind of(String of, UpstreamCall call) {
            UpstreamFailure failure = call.failure();
            return new Kind(of, call.status(), failure == null ? null : failure.word());
        }

        String statusCode() {
            return status == 0 ? "" : Integer.toString(status);
        }

        String error() {
            if (failure != null) {
                return failure;
            }
            return status >= 400 ? Integer.toString(status) : "";
        }
    }

    @Override
    public void ended(HttpServerExchange exchange, UpstreamCall call) {
        String method = Methods.name(Methods.indexOf(call.method()));
        timer(calls, Kind.of(method, call)).record(call.elapsed());
        String operation = operation(call.path());
        if (operation == null) {
            return;
        }
        operation(Kind.of(operation, call)).record(call.elapsed());
        String type = exchange.getResponseHeaders().getFirst(Headers.CONTENT_TYPE);
        if (call.untilFirstByte() != null && type != null && type.startsWith("text/event-stream")) {
            firstChunk(operation).record(call.untilFirstByte());
        }
    }

    /** By the paths of OpenAI's API, that every LLM upstream speaks; null for all others. */
    private static @Nullable String operation(String path) {
        if (path.endsWith("/chat/completions") || path.endsWith("/responses")) {
            return "chat";
        }
        if (path.endsWith("/completions")) {
            return "text_completion";
        }
        return path.endsWith("/embeddings") ? "embeddings" : null;
    }

    private Timer timer(Map<Kind, Timer> known, Kind kind) {
        Timer timer = known.get(kind);
        return timer != null
                ? timer
                : known.computeIfAbsent(
                        kind,
                        made -> families.calls()
                                .of(server.and(
                                        "http_request_method",
                                        made.of(),
                                        "http_response_status_code",
                                        made.statusCode(),
                                        "error_type",
                                        made.error())));
    }

    private Timer operation(Kind kind) {
        Timer timer = operations.get(kind);
        return timer != null
                ? timer
                : operations.computeIfAbsent(
                        kind, made -> families.operations().of(genAi(made.of()).and("error_type", made.error())));
    }

    private Timer firstChunk(String operation) {
        Timer timer = firstChunks.get(operation);
        return timer != null
                ? timer
                : firstChunks.computeIfAbsent(
                        operation, made -> families.firstChunks().of(genAi(made)));
    }

    private Tags genAi(String operation) {
        return server.and(
                "gen_ai_operation_name", operation, "gen_ai_provider_name", "openai", "gen_ai_request_model", model);
    }
}

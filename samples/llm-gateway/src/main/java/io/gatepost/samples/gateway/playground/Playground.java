package io.gatepost.samples.gateway.playground;

import io.gatepost.policy.cel.Catalogue;
import io.gatepost.tools.suite.AskedRequest;
import io.undertow.io.Receiver;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The page under {@code /playground/} and {@code POST /playground/api/decide} behind it. It answers only under names of
 * its own, so that no page of another origin can ask, not even by rebinding its name to this address. Thread-safe.
 */
public final class Playground implements HttpHandler {
    /** The longest question, in bytes. */
    static final int MAX_BYTES = 512 << 10;

    private static final String JSON = "application/json";
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "json", JSON);
    private static final List<String> FILES = List.of(
            "index.html",
            "icon.svg",
            "playground.css",
            "playground.js",
            "completion.js",
            "editor.js",
            "example.js",
            "explanation.js",
            "share.js");
    private static final Map<String, String> PROTECTION = Map.of(
            "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
                            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Cache-Control", "no-store");

    private final Map<String, byte[]> files = new HashMap<>();
    private final OwnNames names;

    /** @param hosts names beside those of loopback under which the page may be asked for */
    public Playground(Set<String> hosts) {
        names = new OwnNames(hosts);
        FILES.forEach(name -> files.put("/" + name, read(name)));
        files.put("/", read("index.html"));
        files.put("/catalogue.json", catalogue());
    }

    /** What the page offers while an expression is typed. */
    private static byte[] catalogue() {
        return JsonMapper.builder()
                .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
                .build()
                .writeValueAsBytes(Catalogue.entries());
    }

    private static byte[] read(String name) {
        try (InputStream file = Playground.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(file, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes what stands behind {@code /playground} as the relative path. */
    @Override
    public void handleRequest(HttpServerExchange exchange) {
        PROTECTION.forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
        String path = exchange.getRelativePath();
        HeaderMap headers = exchange.getRequestHeaders();
        if (!names.isOwn(headers.get(Headers.HOST))) {
            refuse(exchange, 403, "the playground answers under its own names only, see --playground-host");
        } else if (path.isEmpty()) {
            exchange.getResponseHeaders().put(Headers.LOCATION, "/playground/");
            refuse(exchange, 302, "see /playground/");
        } else if (path.equals("/api/decide")) {
            decide(exchange, headers);
        } else {
            file(exchange, path);
        }
    }

    private void file(HttpServerExchange exchange, String path) {
        byte @Nullable [] file = files.get(path);
        String method = exchange.getRequestMethod().toString();
        if (file == null) {
            refuse(exchange, 404, "no such page");
        } else if (!method.equals("GET") && !method.equals("HEAD")) {
            refuse(exchange, 405, "expected GET");
        } else {
            String extension = path.equals("/") ? "html" : path.substring(path.lastIndexOf('.') + 1);
            send(exchange, 200, Objects.requireNonNull(TYPES.get(extension)), file);
        }
    }

    private void decide(HttpServerExchange exchange, HeaderMap headers) {
        String type = headers.getFirst(Headers.CONTENT_TYPE);
        if (!exchange.getRequestMethod().equalToString("POST")) {
            refuse(exchange, 405, "expected POST");
        } else if (!names.isSameOrigin(headers)) {
            refuse(exchange, 403, "only the playground's own page may ask");
        } else if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(JSON)) {
            refuse(exchange, 415, "expected Content-Type: application/json");
        } else {
            Receiver body = exchange.getRequestReceiver();
            body.setMaxBufferSize(MAX_BYTES);
            body.receiveFullBytes(Playground::answer, Playground::unread);
        }
    }

    private static void unread(HttpServerExchange exchange, IOException problem) {
        boolean tooLong = problem instanceof Receiver.RequestToLargeException;
        refuse(exchange, tooLong ? 413 : 400, tooLong ? "longer than " + MAX_BYTES + " bytes" : "can't be read");
    }

    /** On the one worker, so that whatever is asked, one core stays for the gateway's requests. */
    private static void answer(HttpServerExchange exchange, byte[] body) {
        if (exchange.isInIoThread()) {
            exchange.dispatch(() -> answer(exchange, body));
            return;
        }
        try {
            JsonNode asked = AskedRequest.JSON.readTree(body);
            send(exchange, 200, JSON, AskedRequest.JSON.writeValueAsBytes(Trials.answer(asked)));
        } catch (JacksonException e) {
            refuse(exchange, 400, "expected a JSON object");
        }
    }

    private static void refuse(HttpServerExchange exchange, int status, String message) {
        send(exchange, status, JSON, AskedRequest.JSON.writeValueAsBytes(Map.of("error", message)));
    }

    private static void send(HttpServerExchange exchange, int status, String type, byte[] body) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
        exchange.getResponseSender().send(ByteBuffer.wrap(body));
    }
}

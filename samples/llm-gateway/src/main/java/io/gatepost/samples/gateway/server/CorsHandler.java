package io.gatepost.samples.gateway.server;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.routes.manifest.Cors;
import io.gatepost.undertow.PolicyHandler;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers preflights itself, before anything asks for a credential, which a preflight never has; and lets pages of
 * allowed origins read every answer, refusals included (Fetch standard, CORS protocol). What an upstream says about
 * other origins is replaced.
 */
final class CorsHandler implements HttpHandler {
    private static final HttpString REQUEST_METHOD = new HttpString("Access-Control-Request-Method");
    private static final HttpString REQUEST_HEADERS = new HttpString("Access-Control-Request-Headers");
    private static final HttpString ALLOW_ORIGIN = new HttpString("Access-Control-Allow-Origin");
    private static final HttpString ALLOW_CREDENTIALS = new HttpString("Access-Control-Allow-Credentials");
    private static final HttpString ALLOW_METHODS = new HttpString("Access-Control-Allow-Methods");
    private static final HttpString ALLOW_HEADERS = new HttpString("Access-Control-Allow-Headers");
    private static final HttpString EXPOSE_HEADERS = new HttpString("Access-Control-Expose-Headers");
    private static final HttpString MAX_AGE = new HttpString("Access-Control-Max-Age");
    private static final String EVERYTHING = "*";

    /** The origin of sandboxed frames and local files: it names nobody, so no credentials are lent to it. */
    private static final String OPAQUE = "null";

    private final Cors cors;
    private final List<Pattern> origins;
    private final HttpHandler next;

    CorsHandler(Cors cors, HttpHandler next) {
        this.cors = cors;
        this.next = next;
        origins = cors.allowOrigins().stream().map(CorsHandler::pattern).toList();
    }

    /** A star stands for anything in an origin's host, or for any port. */
    private static Pattern pattern(String origin) {
        String host =
                Pattern.quote(origin).replace(":*", "\\E(?::[0-9]{1,5})?\\Q").replace("*", "\\E[a-z0-9.\\-]+\\Q");
        return Pattern.compile(origin.equals(EVERYTHING) ? ".*" : host);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        String origin = origin(exchange);
        if (isPreflight(PolicyHandler.request(exchange))) {
            describe(exchange, allowed(origin));
            exchange.setStatusCode(204);
            exchange.endExchange();
            return;
        }
        exchange.addResponseCommitListener(committed -> permit(committed.getResponseHeaders(), allowed(origin)));
        next.handleRequest(exchange);
    }

    /** Whether it is a preflight, which no policy is asked about. */
    static boolean isPreflight(PolicyRequest request) {
        return request.method().equals("OPTIONS")
                && request.headers("origin").size() == 1
                && !request.headers(REQUEST_METHOD.toString()).isEmpty();
    }

    private static @Nullable String origin(HttpServerExchange exchange) {
        HeaderValues origins = exchange.getRequestHeaders().get(Headers.ORIGIN);
        return origins == null || origins.size() != 1 ? null : origins.getFirst();
    }

    /** The origin as it is allowed; null where it is not. */
    private @Nullable String allowed(@Nullable String origin) {
        if (origin == null) {
            return null;
        }
        String lower = origin.toLowerCase(Locale.ROOT);
        boolean one =
                origins.stream().anyMatch(pattern -> pattern.matcher(lower).matches());
        if (lower.equals(OPAQUE) && cors.allowCredentials()) {
            return null;
        }
        boolean everyone = cors.allowOrigins().contains(EVERYTHING) && !cors.allowCredentials();
        return one ? (everyone ? EVERYTHING : origin) : null;
    }

    private void permit(HeaderMap headers, @Nullable String origin) {
        for (HttpString name : List.of(ALLOW_ORIGIN, ALLOW_CREDENTIALS, EXPOSE_HEADERS)) {
            headers.remove(name);
        }
        if (!EVERYTHING.equals(origin)) {
            headers.add(Headers.VARY, "Origin");
        }
        if (origin != null) {
            headers.put(ALLOW_ORIGIN, origin);
            if (cors.allowCredentials()) {
                headers.put(ALLOW_CREDENTIALS, "true");
            }
            putList(headers, EXPOSE_HEADERS, cors.exposeHeaders());
        }
    }

    private void describe(HttpServerExchange exchange, @Nullable String origin) {
        HeaderMap asked = exchange.getRequestHeaders();
        HeaderMap headers = exchange.getResponseHeaders();
        permit(headers, origin);
        headers.remove(EXPOSE_HEADERS);
        if (origin != null) {
            putList(headers, ALLOW_METHODS, named(cors.allowMethods(), asked.getFirst(REQUEST_METHOD)));
            putList(headers, ALLOW_HEADERS, named(cors.allowHeaders(), asked.getFirst(REQUEST_HEADERS)));
            headers.put(MAX_AGE, cors.maxAge().toSeconds());
        }
    }

    /** With credentials a star is no star, and it never covers {@code Authorization}: what was asked for is named. */
    private static List<String> named(List<String> allowed, @Nullable String asked) {
        boolean named = allowed.contains(EVERYTHING) && asked != null && asked.matches("[A-Za-z0-9!#$%&'*+.^_|~, -]*");
        return named ? List.of(asked) : allowed;
    }

    private static void putList(HeaderMap headers, HttpString name, List<String> values) {
        if (!values.isEmpty()) {
            headers.put(name, String.join(", ", values));
        }
    }
}

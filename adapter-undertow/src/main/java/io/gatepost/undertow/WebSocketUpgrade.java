package io.gatepost.undertow;

import io.gatepost.policy.forward.ForwardedRequest;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.policy.forward.UpstreamCredential;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.Protocols;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one change of protocol that goes on to an upstream: to WebSocket, by HTTP/1.1 (RFC 6455 section 4). All others
 * concern one hop, and end here.
 */
final class WebSocketUpgrade {
    static final String PROTOCOL = "websocket";

    /** How OpenAI's clients in browsers, which can set no header, say their key among the sub-protocols. */
    private static final String KEY_AS_PROTOCOL = "openai-insecure-api-key.";

    private static final String SUB_PROTOCOLS = "Sec-WebSocket-Protocol";
    private static final AttachmentKey<Boolean> ASKED = AttachmentKey.create(Boolean.class);

    private WebSocketUpgrade() {}

    /** Notes that a client asks for it, before {@code Connection}, which says so, is taken away. */
    static void note(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        if (exchange.getRequestMethod().equals(Methods.GET)
                && exchange.getProtocol().equals(Protocols.HTTP_1_1)
                && exchange.isRequestComplete()
                && isNamed(headers)
                && !lists(headers.get(Headers.CONNECTION), "close")) {
            exchange.putAttachment(ASKED, true);
        }
    }

    static boolean isAsked(HttpServerExchange exchange) {
        return exchange.getAttachment(ASKED) != null;
    }

    /** Whether a head says that its connection changes to WebSocket, and to nothing else. */
    static boolean isNamed(HeaderMap headers) {
        HeaderValues protocols = headers.get(Headers.UPGRADE);
        return protocols != null
                && protocols.size() == 1
                && protocols.getFirst().equalsIgnoreCase(PROTOCOL)
                && lists(headers.get(Headers.CONNECTION), "upgrade");
    }

    /** Whether a header such as {@code Connection} has an option; null where there is no such header. */
    static boolean lists(@Nullable HeaderValues options, String option) {
        if (options == null) {
            return false;
        }
        if (options.size() == 1 && options.getFirst().indexOf(',') < 0) {
            return options.getFirst().strip().equalsIgnoreCase(option);
        }
        return Arrays.stream(String.join(",", options).split(",", -1))
                .anyMatch(one -> one.strip().equalsIgnoreCase(option));
    }

    /** What the upstream is asked: this hop changes its protocol, too. Its own credential replaces the client's. */
    static ForwardedRequest asking(ForwardedRequest forwarded, Upstream upstream) {
        Map<String, List<String>> headers = new LinkedHashMap<>(forwarded.headers());
        if (!(upstream.credential() instanceof UpstreamCredential.None)) {
            headers.replaceAll((name, values) -> name.equalsIgnoreCase(SUB_PROTOCOLS) ? withoutKeys(values) : values);
        }
        headers.put("Connection", List.of("Upgrade"));
        headers.put("Upgrade", List.of(PROTOCOL));
        return new ForwardedRequest(forwarded.target(), headers);
    }

    private static List<String> withoutKeys(List<String> protocols) {
        String left = String.join(
                ", ",
                Arrays.stream(String.join(",", protocols).split(",", -1))
                        .map(String::strip)
                        .filter(protocol -> !protocol.startsWith(KEY_AS_PROTOCOL))
                        .toList());
        return left.isEmpty() ? List.of() : List.of(left);
    }
}

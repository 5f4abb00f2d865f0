package io.gatepost.undertow;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenIssuer;
import io.undertow.Undertow;
import io.undertow.util.Headers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What no cache may keep. */
class UnstoredAnswersTest {
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");

    private @Nullable Undertow server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop();
        }
    }

    @Test
    void areThoseToATokenInTheQueryWhateverTheHandlerSays() throws Exception {
        URI url = start(new TokenLocation.QueryParameter("access_token"));

        HttpResponse<String> allowed =
                get(url.resolve("/?access_token=" + ISSUER.token().compact()), null);

        assertThat(allowed.statusCode()).isEqualTo(200);
        assertThat(allowed.headers().allValues("cache-control")).containsExactly("no-store");
    }

    @Test
    void areRefusalsButNotOtherAnswers() throws Exception {
        URI url = start(TokenLocation.BEARER);

        HttpResponse<String> refused = get(url, null);
        HttpResponse<String> allowed = get(url, "Bearer " + ISSUER.token().compact());

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().allValues("cache-control")).containsExactly("no-store");
        assertThat(allowed.statusCode()).isEqualTo(200);
        assertThat(allowed.headers().allValues("cache-control")).containsExactly("public, max-age=60");
    }

    private URI start(TokenLocation location) {
        JwtAuthentication jwt =
                new JwtAuthentication(JwtMode.STRICT, List.of(ISSUER.provider()), location, Origin.CODE);
        PolicyEngine engine = PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", jwt, null)))
                .build();
        Undertow started = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setHandler(new PolicyHandler(engine, exchange -> {
                    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "public, max-age=60");
                    exchange.getResponseSender().send("hello");
                }))
                .build();
        started.start();
        server = started;
        return URI.create("http://127.0.0.1:"
                + ((InetSocketAddress) started.getListenerInfo().get(0).getAddress()).getPort() + "/");
    }

    private static HttpResponse<String> get(URI url, @Nullable String authorization)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url);
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}

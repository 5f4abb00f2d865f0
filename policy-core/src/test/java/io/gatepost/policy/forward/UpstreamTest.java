package io.gatepost.policy.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.Decision;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.request.Credential;
import io.gatepost.policy.request.RequestBuilder;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamTest {
    private static final URI BASE = URI.create("https://api.test:8443");
    private static final Explanation WHY = new Explanation("allowed", List.of());
    private static final Decision.Allow OPEN = new Decision.Allow(null, List.of(), WHY);
    private static final Decision.Allow ALICE = new Decision.Allow(
            new VerifiedToken("i", null, Map.of("sub", "alice")),
            List.of(new Credential(TokenLocation.BEARER, "alice.token.text")),
            WHY);

    /** What a request comes with that asks for no host. */
    private static final String[] ALWAYS = {"Host", "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded"};

    @Test
    void getsTheRequestAsItWasJudged() throws RejectedRequestException {
        ForwardedRequest sent = Upstream.of(BASE)
                .forward(
                        post("/v1/models/org%2Fmodel?a=1&b=%20")
                                .header("X-Team", "red")
                                .build(),
                        OPEN);

        assertThat(sent.target()).isEqualTo("/v1/models/org%2Fmodel?a=1&b=%20");
        assertThat(sent.headers()).containsEntry("X-Team", List.of("red"));
    }

    @Test
    void isAskedUnderItsOwnName() throws RejectedRequestException {
        ForwardedRequest sent =
                Upstream.of(BASE).forward(post("http://gateway.test/").build(), OPEN);

        assertThat(sent.headers()).containsEntry("Host", List.of("api.test:8443"));
    }

    @Test
    void hearsWhoTheClientIsWhateverThatSaysOfItself() throws RejectedRequestException {
        PolicyRequest request = post("https://gateway.test/")
                .source("192.0.2.7", 4711)
                .header("x-forwarded-for", "10.0.0.1")
                .header("FORWARDED", "for=10.0.0.1")
                .header("X-Real-IP", "10.0.0.1")
                .build();

        assertThat(Upstream.of(BASE).forward(request, OPEN).headers())
                .containsExactly(
                        Map.entry("Host", List.of("api.test:8443")),
                        Map.entry("X-Forwarded-For", List.of("192.0.2.7")),
                        Map.entry("X-Forwarded-Proto", List.of("https")),
                        Map.entry("X-Forwarded-Host", List.of("gateway.test")),
                        Map.entry("Forwarded", List.of("for=192.0.2.7;host=\"gateway.test\";proto=https")));
    }

    @Test
    void neverGetsTheCredentialThatWasVerified() throws RejectedRequestException {
        PolicyRequest request =
                post("/").header("authorization", "Bearer alice.token.text").build();

        assertThat(Upstream.of(BASE).forward(request, ALICE).headers()).containsOnlyKeys(ALWAYS);
    }

    @Test
    void getsTheGatewaysSecretInsteadOfWhatTheClientSent() throws RejectedRequestException {
        Upstream upstream = with(new UpstreamCredential.Bearer("sk-1"));
        PolicyRequest request = post("/").header("Authorization", "Basic abc").build();

        assertThat(upstream.forward(request, OPEN).headers()).containsEntry("Authorization", List.of("Bearer sk-1"));
    }

    @Test
    void getsTheVerifiedTokenWhereItIsMeantTo() throws RejectedRequestException {
        Upstream upstream = with(UpstreamCredential.PASSTHROUGH);
        PolicyRequest request =
                post("/").header("authorization", "bearer alice.token.text").build();

        assertThat(upstream.forward(request, ALICE).headers())
                .containsEntry("Authorization", List.of("Bearer alice.token.text"));
    }

    @Test
    void getsNothingThatConcernsOneHopOnly() throws RejectedRequestException {
        PolicyRequest request = post("/")
                .header("Connection", "close, X-Hop")
                .header("x-hop", "1")
                .header("Keep-Alive", "5")
                .header("TE", "trailers")
                .header("Transfer-Encoding", "chunked")
                .header("Upgrade", "h2c")
                .header("HTTP2-Settings", "x")
                .header("Proxy-Authorization", "Basic x")
                .header("Content-Length", "3")
                .header("Expect", "100-continue")
                .header("X-End", "1")
                .build();

        Map<String, List<String>> sent =
                Upstream.of(BASE).forward(request, OPEN).headers();

        assertThat(sent).containsKey("X-End").hasSize(ALWAYS.length + 1).containsKeys(ALWAYS);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/chat/completions, /v1/chat/completions",
        "/openai/chat/completions, /v1/chat/completions",
        "/v1/embeddings?x=1, /v1/embeddings?x=1",
        "/v1/models, /v1/models",
        "/models, /v1/models"
    })
    void isAskedBelowOpenAisPrefix(String asked, String sent) throws RejectedRequestException {
        Upstream upstream = new Upstream(BASE, UpstreamPath.OPENAI, null, UpstreamCredential.NONE, null, null);

        assertThat(upstream.forward(post(asked).build(), OPEN).target()).isEqualTo(sent);
    }

    @Test
    void isAskedForAFixedPathWithoutTheClientsQuery() throws RejectedRequestException {
        UpstreamPath path = new UpstreamPath.Fixed("/chat?api-version=1");
        Upstream upstream = new Upstream(BASE, path, null, UpstreamCredential.NONE, null, null);

        assertThat(upstream.forward(post("/v1/x?a=1").build(), OPEN).target()).isEqualTo("/chat?api-version=1");
    }

    @Test
    void getsADecodedBodyWhereItsModelIsWritten() throws Exception {
        Upstream upstream = new Upstream(BASE, UpstreamPath.UNCHANGED, "m2", UpstreamCredential.NONE, null, null);
        PolicyRequest request = post("/").header("Content-Encoding", "gzip").build();

        assertThat(upstream.changesBody()).isTrue();
        assertThat(upstream.forward(request, OPEN).headers()).containsEntry("Content-Encoding", List.of("gzip"));
        assertThat(upstream.forward(request, OPEN).withoutContentEncoding().headers())
                .containsOnlyKeys(ALWAYS);
        assertThat(upstream.bodyToForward(request, "{\"model\":\"m1\",\"n\":1.50}".getBytes(UTF_8)))
                .isEqualTo("{\"model\":\"m2\",\"n\":1.50}".getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "\u0153", "\u010a"})
    void isSentNoValueThatWouldBeReadAsSomethingElse(String value) {
        PolicyRequest request = post("/").header("X-Team", value).build();

        assertThatThrownBy(() -> Upstream.of(BASE).forward(request, null))
                .isInstanceOf(RejectedRequestException.class)
                .hasMessageNotContaining("Evil");
        assertThatThrownBy(() -> new ForwardedRequest("/", Map.of("X-Team", List.of(value))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ForwardedRequest("/", Map.of("X: " + value, List.of("1"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ForwardedRequest("/ " + value, Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {" a", "a\t"})
    void isSentNoBlanksAtTheEndsOfAValue(String value) {
        assertThatThrownBy(() -> new ForwardedRequest("/", Map.of("X-Team", List.of(value))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isToldAnotherHostInPlaceOfItsOwn() throws RejectedRequestException {
        ForwardedRequest sent = Upstream.of(BASE).forward(post("/").build(), OPEN);

        assertThat(sent.withHost("other.test").headers())
                .containsEntry("Host", List.of("other.test"))
                .containsOnlyKeys(ALWAYS);
    }

    @Test
    void getsAllValuesOfAHeaderInOrder() throws RejectedRequestException {
        PolicyRequest request = post("/")
                .header("x-Many", "2")
                .header("X-One", "")
                .header("X-MANY", "1")
                .build();

        assertThat(Upstream.of(BASE).forward(request, OPEN).fields())
                .containsSubsequence(
                        new ForwardedRequest.Field("x-Many", "2"),
                        new ForwardedRequest.Field("x-Many", "1"),
                        new ForwardedRequest.Field("X-One", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://h", "https://h/v1", "https://u:p@h", "https://h?q", "//h", "https:/x"})
    void refusesABaseThatIsMoreOrLessThanAnOrigin(String base) {
        assertThatThrownBy(() -> Upstream.of(URI.create(base))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void showsNoSecretAsText() throws RejectedRequestException {
        UpstreamCredential secret = new UpstreamCredential.Bearer("sk-1");
        ForwardedRequest sent = with(secret).forward(post("/?key=sk-2").build(), OPEN);

        assertThat(with(secret) + " " + secret + " " + sent + " " + sent.fields() + " " + ALICE)
                .doesNotContain("sk-", "alice");
    }

    private static Upstream with(UpstreamCredential credential) {
        return new Upstream(BASE, UpstreamPath.UNCHANGED, null, credential, null, null);
    }

    private static RequestBuilder post(String uri) {
        return PolicyRequest.builder("POST", uri);
    }
}

package io.gatepost.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.request.RequestBuilder;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a client gets that is refused. */
class ErrorResponseTest {
    private static final String KEYS =
            "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";
    private static final PolicyRequest WEB = PolicyRequest.builder("GET", "/").build();

    @ParameterizedTest
    @EnumSource(DenyReason.class)
    void isInTheShapeThatOpenAiClientsParse(DenyReason reason) {
        ErrorResponse response = deny(reason).response();
        JsonNode error = JsonMapper.shared().readTree(response.bodyBytes()).path("error");

        assertThat(response.status()).isEqualTo(reason.status());
        assertThat(response.headers()).containsEntry("content-type", "application/json");
        assertThat(response.headers()).containsEntry("cache-control", "no-store");
        assertThat(error.path("message").asString()).isEqualTo(reason.description());
        assertThat(error.path("type").asString()).endsWith("_error");
        assertThat(error.path("code").asString()).isNotEmpty();
        assertThat(error.has("param")).isTrue();
        assertThat(deny(reason).response(WEB)).isEqualTo(response);
        assertThat(response.headers().containsKey("retry-after")).isEqualTo(reason.status() == 503);
    }

    /** RFC 6750 section 3, RFC 9728 section 5.1. */
    @Nested
    class Challenges {
        private final PolicyEngine engine = builder().realm("llm gateway").build();

        @Test
        void haveNoErrorWhereThereIsNoToken() {
            assertThat(challenge(engine)).isEqualTo("Bearer realm=\"llm gateway\"");
        }

        @Test
        void sayTheErrorOfABadToken() {
            assertThat(challenge(engine, "nonsense"))
                    .isEqualTo("Bearer realm=\"llm gateway\", error=\"invalid_token\","
                            + " error_description=\"the access token is invalid\"");
        }

        @Test
        void sayThatThereAreTwoCredentials() {
            assertThat(challenge(engine, "a", "b"))
                    .isEqualTo("Bearer realm=\"llm gateway\", error=\"invalid_request\","
                            + " error_description=\"the request has more than one credential\"");
        }

        @Test
        void pointToTheResourcesMetadata() {
            URI url = URI.create("https://api.example.com/.well-known/oauth-protected-resource/caf\u00e9");
            PolicyEngine described = builder().resourceMetadata(url).build();
            String pointer =
                    ", resource_metadata=\"https://api.example.com/.well-known/oauth-protected-resource/caf%C3%A9\"";

            assertThat(challenge(described)).isEqualTo("Bearer realm=\"gatepost\"" + pointer);
            assertThat(challenge(described, "nonsense"))
                    .isEqualTo("Bearer realm=\"gatepost\", error=\"invalid_token\","
                            + " error_description=\"the access token is invalid\"" + pointer);
        }

        @ParameterizedTest
        @ValueSource(strings = {"/relative", "ftp://host/x", "urn:a:b", "https:opaque"})
        void pointToAWebAddressOnly(String url) {
            assertThatThrownBy(() -> builder().resourceMetadata(URI.create(url)).build())
                    .hasMessage("resourceMetadata: expected an http or https URL");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "a\"b", "a\\b", "a\nb", "caf\u00e9", "a\u007f"})
        void haveARealmThatNeedsNoQuoting(String realm) {
            assertThatThrownBy(() -> builder().realm(realm).build())
                    .hasMessage("realm: expected printable ASCII without quotes and backslashes");
            assertThat(builder().realm(" ~").build()).isNotNull();
        }

        @Test
        void belongToNoOtherStatus() {
            PolicyRequest twoReadings = PolicyRequest.builder("GET", "/a/../b").build();

            assertThat(engine.decide(twoReadings))
                    .isInstanceOfSatisfying(
                            Decision.Deny.class,
                            deny -> assertThat(deny.challenge()).isNull());
        }

        private String challenge(PolicyEngine of, String... tokens) {
            RequestBuilder request = PolicyRequest.builder("GET", "/");
            List.of(tokens).forEach(token -> request.header("Authorization", "Bearer " + token));
            Decision.Deny deny = (Decision.Deny) of.decide(request.build());
            String challenge = String.valueOf(deny.challenge());
            assertThat(deny.response().headers()).containsEntry("www-authenticate", challenge);
            return challenge;
        }

        private PolicyEngine.Builder builder() {
            JwtProvider provider = JwtProvider.of("https://issuer.test", new JwksSource.Inline(KEYS));
            return PolicyEngine.builder()
                    .policies(List.of(TrafficPolicy.of("p", JwtAuthentication.of(JwtMode.STRICT, provider), null)));
        }
    }

    /** Where the request was gRPC. */
    @Nested
    class ToGrpc {
        @ParameterizedTest
        @CsvSource({
            "TOKEN_MISSING,16",
            "TOKEN_EXPIRED,16",
            "RULE_DENIED,7",
            "POLICY_INVALID,7",
            "CREDENTIAL_AMBIGUOUS,3",
            "KEYS_UNAVAILABLE,14"
        })
        void hasAStatusOfItsOwn(DenyReason reason, String status) {
            ErrorResponse response = deny(reason).response(grpc("application/grpc"));

            assertThat(response.status()).isEqualTo(200);
            assertThat(response.body()).isEmpty();
            assertThat(response.headers())
                    .containsEntry("content-type", "application/grpc")
                    .containsEntry("grpc-status", status)
                    .containsEntry("grpc-message", reason.description())
                    .containsEntry("www-authenticate", "Bearer realm=\"x\"");
        }

        @ParameterizedTest
        @ValueSource(strings = {"application/grpc", "application/grpc+proto", "Application/GRPC; charset=x"})
        void isToldByItsContentType(String contentType) {
            assertThat(deny(DenyReason.RULE_DENIED).response(grpc(contentType)).status())
                    .isEqualTo(200);
        }

        @ParameterizedTest
        @ValueSource(strings = {"application/json", "application/grp", "x-application/grpc", ""})
        void isNotToldByAnother(String contentType) {
            assertThat(deny(DenyReason.RULE_DENIED).response(grpc(contentType)).status())
                    .isEqualTo(403);
        }

        @Test
        void percentEncodesItsMessage() {
            ErrorResponse response =
                    ErrorResponse.of(500, "c", "100 % caf\u00e9\n~").inAnswerTo(grpc("application/grpc"));

            assertThat(response.headers())
                    .containsAllEntriesOf(Map.of("grpc-status", "13", "grpc-message", "100 %25 caf%C3%A9%0A~"));
            assertThat(ErrorResponse.of(502, "c", "m")
                            .inAnswerTo(grpc("application/grpc"))
                            .headers())
                    .containsEntry("grpc-status", "14");
        }

        private PolicyRequest grpc(String contentType) {
            return PolicyRequest.builder("POST", "/service/Method")
                    .header("Content-Type", contentType)
                    .build();
        }
    }

    private static Decision.Deny deny(DenyReason reason) {
        return new Decision.Deny(reason, "Bearer realm=\"x\"", new Explanation("why", List.of()));
    }
}

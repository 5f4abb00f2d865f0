package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who gets in, and what the others are told. */
interface AuthenticationCases extends ContractCases {
    String NO_BODY = "Content-Length: 0";

    @Test
    default void challengesARequestWithoutAToken() throws Exception {
        try (ContractGateway gateway = gateway(STRICT)) {
            WireClient.Response response = gateway.send("GET /v1/models HTTP/1.1");

            assertThat(response.status()).isEqualTo(401);
            assertThat(response.head().values("www-authenticate"))
                    .singleElement()
                    .asString()
                    .startsWith("Bearer");
            assertThat(response.head().value("content-type")).startsWith("application/json");
            assertThat(response.error())
                    .containsOnlyKeys("message", "type", "param", "code")
                    .containsEntry("type", "authentication_error")
                    .containsEntry("code", "token_missing");
            assertThat(gateway.upstream().received()).isEmpty();
        }
    }

    @Test
    default void saysThatATokenIsInvalidButNotWhy() throws Exception {
        String foreign = TokenIssuer.of("https://other.test").token().compact();
        try (ContractGateway gateway = gateway(STRICT)) {
            WireClient.Response response = gateway.send("GET /v1/models HTTP/1.1", "Authorization: Bearer " + foreign);

            assertThat(response.status()).isEqualTo(401);
            assertThat(response.head().value("www-authenticate")).contains("error=\"invalid_token\"");
            assertThat(response.error()).containsEntry("code", "invalid_token");
            assertThat(response.text()).doesNotContain("other.test", foreign);
            assertThat(gateway.upstream().received()).isEmpty();
        }
    }

    @Test
    default void letsAVerifiedTokenThrough() throws Exception {
        try (ContractGateway gateway = gateway(STRICT)) {
            WireClient.Response response = gateway.send("GET /v1/models HTTP/1.1", BEARER);

            assertThat(response.status()).isEqualTo(200);
            assertThat(response.text()).isEqualTo("{\"ok\":true}");
            assertThat(gateway.upstream().only().head().target()).isEqualTo("/v1/models");
        }
    }

    @Test
    default void refusesWhatNoRuleAllows() throws Exception {
        try (ContractGateway gateway =
                gateway(ContractCases.engine(JwtMode.STRICT, TokenLocation.BEARER, "jwt.sub == 'bob'"))) {
            WireClient.Response alice = gateway.send("GET /v1/models HTTP/1.1", BEARER);
            WireClient.Response bob = gateway.send(
                    "GET /v1/models HTTP/1.1",
                    "Authorization: Bearer " + ISSUER.token().subject("bob").compact());

            assertThat(alice.status()).isEqualTo(403);
            assertThat(alice.error()).containsEntry("type", "permission_error");
            assertThat(bob.status()).isEqualTo(200);
            assertThat(gateway.upstream().received()).hasSize(1);
        }
    }

    @Test
    default void refusesTwoAuthorizationHeaders() throws Exception {
        try (ContractGateway gateway = gateway(STRICT)) {
            WireClient.Response response = gateway.send("GET /v1/models HTTP/1.1", BEARER, BEARER);

            assertThat(response.status()).isEqualTo(400);
            assertThat(response.error()).containsEntry("type", "invalid_request_error");
            assertThat(gateway.upstream().received()).isEmpty();
        }
    }

    @Test
    default void refusesPathsThatCanBeReadInTwoWays() throws Exception {
        List<String> paths = List.of(
                "/v1/../admin",
                "/v1/./models",
                "/v1/%2e%2e/admin",
                "/v1/.%2E/admin",
                "/v1/..;a=b/admin",
                "/v1/..%2fadmin",
                "/v1\\admin",
                "/v1%5cadmin",
                "/v1/%00",
                "/v1/\u0000",
                "/v1/%zz",
                "/v1/%0d%0aX-Evil:%201");
        try (ContractGateway gateway = gateway(OPEN)) {
            for (String path : paths) {
                assertThat(gateway.send("GET " + path + " HTTP/1.1").status())
                        .as(path)
                        .isEqualTo(400);
            }
            assertThat(gateway.upstream().received()).isEmpty();
        }
    }

    @Test
    default void needsNoTokenInOptionalModeButRefusesAWrongOne() throws Exception {
        try (ContractGateway gateway = gateway(ContractCases.engine(JwtMode.OPTIONAL, TokenLocation.BEARER))) {
            assertThat(gateway.send("GET /v1/models HTTP/1.1").status()).isEqualTo(200);
            assertThat(gateway.send("GET /v1/models HTTP/1.1", "Authorization: Bearer x.y.z")
                            .status())
                    .isEqualTo(401);
            assertThat(gateway.upstream().received()).hasSize(1);
        }
    }

    @Test
    default void letsAWrongTokenPassInPermissiveModeAndLeavesIt() throws Exception {
        try (ContractGateway gateway = gateway(ContractCases.engine(JwtMode.PERMISSIVE, TokenLocation.BEARER))) {
            assertThat(gateway.send("GET /v1/models HTTP/1.1", "Authorization: Bearer x.y.z")
                            .status())
                    .isEqualTo(200);
            assertThat(gateway.upstream().only().head().values("authorization")).containsExactly("Bearer x.y.z");
        }
    }

    @Test
    default void keepsTheConnectionUsableAfterADenial() throws Exception {
        try (ContractGateway gateway = gateway(STRICT);
                WireClient client = gateway.connect()) {
            assertThat(client.head("GET /v1/models HTTP/1.1", "Host: h")
                            .response()
                            .status())
                    .isEqualTo(401);
            assertThat(client.head("HEAD /v1/models HTTP/1.1", "Host: h")
                            .responseToHead()
                            .status())
                    .isEqualTo(401);
            assertThat(client.head("GET /v1/models HTTP/1.1", "Host: h", BEARER)
                            .response()
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    default void neverTakesARefusedBodyForTheNextRequest() throws Exception {
        byte[] body = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(UTF_8);
        try (ContractGateway gateway = gateway(STRICT);
                WireClient client = gateway.connect()) {
            client.head("POST /v1/models HTTP/1.1", "Host: h", "Content-Length: " + body.length)
                    .send(body);
            assertThat(client.response().status()).isEqualTo(401);
            try {
                client.head("GET /v1/models HTTP/1.1", "Host: h", BEARER);
                assertThat(client.response().status()).isEqualTo(200);
            } catch (IOException e) {
                // Closing the connection instead is fine.
            }
            assertThat(gateway.upstream().received())
                    .allMatch(request -> request.head().target().equals("/v1/models"));
        }
    }

    @Test
    default void answersClientsOfGrpcInItsOwnForm() throws Exception {
        try (ContractGateway gateway = gateway(ContractCases.engine(JwtMode.STRICT, TokenLocation.BEARER, "false"))) {
            WireClient.Response missing =
                    gateway.send("POST /llm.Chat/Say HTTP/1.1", "Content-Type: application/grpc+proto", NO_BODY);
            WireClient.Response denied =
                    gateway.send("POST /llm.Chat/Say HTTP/1.1", "Content-Type: application/grpc", NO_BODY, BEARER);

            assertThat(List.of(missing, denied)).allSatisfy(answer -> {
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.head().values("content-type")).containsExactly("application/grpc");
                assertThat(answer.body()).isEmpty();
            });
            assertThat(missing.head().values("grpc-status")).containsExactly("16");
            assertThat(missing.head().values("grpc-message")).containsExactly("a bearer token is required");
            assertThat(denied.head().values("grpc-status")).containsExactly("7");
        }
    }
}

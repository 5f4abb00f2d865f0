package io.gatepost.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.UpstreamCredential;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TokenLocation;
import org.junit.jupiter.api.Test;

/** The client's token ends here; the upstream gets what is meant for it. */
interface CredentialCases extends ContractCases {
    @Test
    default void keepsTheTokenOfTheAuthorizationHeader() throws Exception {
        try (ContractGateway gateway = gateway(STRICT)) {
            assertThat(gateway.send("GET /v1/models HTTP/1.1", BEARER, "X-Team: red")
                            .status())
                    .isEqualTo(200);

            MessageHead sent = gateway.upstream().only().head();
            assertThat(sent.toString()).doesNotContain(TOKEN);
            assertThat(sent.values("authorization")).isEmpty();
            assertThat(sent.values("x-team")).containsExactly("red");
        }
    }

    @Test
    default void keepsTheTokenOfAHeaderOfAnotherName() throws Exception {
        try (ContractGateway gateway =
                gateway(ContractCases.engine(JwtMode.STRICT, new TokenLocation.Header("x-api-key", null)))) {
            assertThat(gateway.send("GET /v1/models HTTP/1.1", "X-API-Key: " + TOKEN, "Authorization: Basic dTpw")
                            .status())
                    .isEqualTo(200);

            MessageHead sent = gateway.upstream().only().head();
            assertThat(sent.toString()).doesNotContain(TOKEN);
            assertThat(sent.values("authorization")).containsExactly("Basic dTpw");
        }
    }

    @Test
    default void keepsTheTokenOfTheQuery() throws Exception {
        try (ContractGateway gateway =
                gateway(ContractCases.engine(JwtMode.STRICT, new TokenLocation.QueryParameter("access_token")))) {
            assertThat(gateway.send("GET /v1/models?a=%20b&access%5Ftoken=" + TOKEN + "&c=+d HTTP/1.1")
                            .status())
                    .isEqualTo(200);
            assertThat(gateway.send("GET /v1/models?access_token=" + TOKEN + " HTTP/1.1")
                            .status())
                    .isEqualTo(200);

            assertThat(gateway.upstream().received())
                    .extracting(request -> request.head().target())
                    .containsExactly("/v1/models?a=%20b&c=+d", "/v1/models");
        }
    }

    @Test
    default void keepsTheTokenOfACookie() throws Exception {
        try (ContractGateway gateway =
                gateway(ContractCases.engine(JwtMode.STRICT, new TokenLocation.Cookie("session")))) {
            assertThat(gateway.send("GET /v1/models HTTP/1.1", "Cookie: a=1; session=" + TOKEN + "; b=2")
                            .status())
                    .isEqualTo(200);

            MessageHead sent = gateway.upstream().only().head();
            assertThat(sent.values("cookie")).containsExactly("a=1; b=2");
            assertThat(sent.toString()).doesNotContain(TOKEN);
        }
    }

    @Test
    default void givesTheUpstreamItsOwnCredentialInstead() throws Exception {
        try (ContractGateway gateway = gateway(STRICT, new UpstreamCredential.Bearer(UPSTREAM_KEY))) {
            WireClient.Response response = gateway.send("GET /v1/models HTTP/1.1", BEARER);

            assertThat(response.status()).isEqualTo(200);
            assertThat(response.head().toString()).doesNotContain(UPSTREAM_KEY);
            MessageHead sent = gateway.upstream().only().head();
            assertThat(sent.values("authorization")).containsExactly("Bearer " + UPSTREAM_KEY);
            assertThat(sent.toString()).doesNotContain(TOKEN);
        }
    }

    @Test
    default void replacesACredentialThatNobodyVerified() throws Exception {
        try (ContractGateway gateway = gateway(OPEN, new UpstreamCredential.Bearer(UPSTREAM_KEY))) {
            assertThat(gateway.send("GET /v1/models HTTP/1.1", "Authorization: Basic dTpw")
                            .status())
                    .isEqualTo(200);

            assertThat(gateway.upstream().only().head().values("authorization"))
                    .containsExactly("Bearer " + UPSTREAM_KEY);
        }
    }

    @Test
    default void passesTheVerifiedTokenOnWhereItIsMeantTo() throws Exception {
        try (ContractGateway gateway = gateway(STRICT, UpstreamCredential.PASSTHROUGH)) {
            assertThat(gateway.send("GET /v1/models HTTP/1.1", BEARER).status()).isEqualTo(200);

            assertThat(gateway.upstream().only().head().values("authorization")).containsExactly("Bearer " + TOKEN);
        }
    }
}

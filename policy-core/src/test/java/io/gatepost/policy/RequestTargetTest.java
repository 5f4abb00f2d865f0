package io.gatepost.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/v1/chat/completions",
                "/v1/models/org%2Fmodel",
                "/a//b",
                "/a..b/...",
                "/.well-known/x",
                "/v1;a=../b",
                "/%E2%82%AC",
                "/a%2520b",
                "*"
            })
    void acceptsPathsWithOneReading(String path) {
        assertThat(RequestTarget.problem(path)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a/../b",
                "/a/./b",
                "/a/..",
                "/..",
                "/a/%2e%2e/b",
                "/a/.%2E/b",
                "/a%2f..%2fb",
                "/a/..;x=1/b",
                "/a\\b",
                "/a%5cb",
                "/a%00",
                "/a%0d%0ab",
                "/a%7f",
                "/a b",
                "/a\u0000",
                "/a\u00e9",
                "/a%",
                "/a%2",
                "/a%zz",
                "/a#b",
                "a",
                ""
            })
    void refusesPathsThatTwoServersCouldReadInTwoWays(String path) {
        assertThat(RequestTarget.problem(path)).isNotNull();
    }

    @Test
    void refusesBeforeAnyRuleIsAsked() {
        PolicyEngine engine = PolicyEngine.builder().build();

        Decision decision =
                engine.decide(PolicyRequest.builder("GET", "http://host/a/../b").build());

        assertThat(decision).isInstanceOfSatisfying(Decision.Deny.class, deny -> {
            assertThat(deny.reason()).isEqualTo(DenyReason.REQUEST_MALFORMED);
            assertThat(deny.response().status()).isEqualTo(400);
        });
    }

    @Test
    void neverRepeatsThePath() {
        assertThat(List.of("/secret/../x", "/secret\\", "/secret%00"))
                .allSatisfy(path -> assertThat(RequestTarget.problem(path)).doesNotContain("secret"));
    }
}

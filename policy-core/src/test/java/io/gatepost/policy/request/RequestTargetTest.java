package io.gatepost.policy.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.test",
                "A_b-1.test.",
                "10.0.0.1",
                "a.test:8443",
                "[::1]",
                "[2001:db8::1]:65535",
                "[::ffff:10.0.0.1]"
            })
    void knowsAHost(String text) {
        assertThat(RequestTarget.isHost(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":80",
                "a.test:",
                "a.test:123456",
                "a.test:8o",
                "a test",
                "u@a.test",
                "a.test/x",
                "a.test?",
                "a,b",
                "\u00e9.test",
                "::1",
                "[]",
                "[:]",
                "[::1",
                "[::1]x",
                "[::1]:",
                "[::g]",
                "[v1.x]"
            })
    void takesNothingElseForAHost(String text) {
        assertThat(RequestTarget.isHost(text)).isFalse();
    }

    @Test
    void knowsHowLongAHostMayBe() {
        assertThat(RequestTarget.isHost("a".repeat(255) + ":80")).isTrue();
        assertThat(RequestTarget.isHost("a".repeat(256))).isFalse();
        assertThat(RequestTarget.isHost("[" + ":".repeat(45) + "]")).isTrue();
        assertThat(RequestTarget.isHost("[" + ":".repeat(46) + "]")).isFalse();
    }

    @Test
    void refusesBeforeAnyRuleIsAsked() {
        PolicyEngine engine = PolicyEngine.builder().allowingEverything().build();

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

    @ParameterizedTest
    @CsvSource({
        "a.test, a.test, ''",
        "a.test:80, a.test, 80",
        "10.0.0.1:8080, 10.0.0.1, 8080",
        "[::1], [::1], ''",
        "[::1]:80, [::1], 80",
        "a.test:, a.test, ''",
        "'', '', ''",
        ":80, '', 80"
    })
    void splitsAnAuthority(String authority, String host, String port) {
        assertThat(RequestTarget.hostName(authority)).isEqualTo(host);
        assertThat(RequestTarget.port(authority)).isEqualTo(port);
        assertThat(RequestTarget.isSameHost(authority, host.toUpperCase(Locale.ROOT) + ":1"))
                .isTrue();
        assertThat(RequestTarget.isSameHost(authority, host + "x")).isFalse();
        assertThat(RequestTarget.authority("http://" + authority)).isEqualTo(authority);
        assertThat(RequestTarget.authority("http://" + authority + "/a//b:1")).isEqualTo(authority);
    }
}

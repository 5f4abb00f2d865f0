package io.gatepost.policy.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.RequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a request gets into a log. */
class LoggedRequestTest {
    private static final String TOKEN = "aaaaaaaaaa.bbbbbbbbbbbbbbbbbbbb";
    private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    @Test
    void showsNoTokenHoweverManyPartsItHas() {
        assertThat(LoggedRequest.shown("/v1/" + TOKEN + ".cc")).isEqualTo("/v1/<redacted>");
        assertThat(LoggedRequest.shown("/v1/" + TOKEN + ".c".repeat(30_000) + "/x"))
                .isEqualTo("/v1/<redacted>");
    }

    @Test
    void showsNeitherKeysNorLineBreaksNorLongTexts() {
        assertThat(LoggedRequest.shown("/v1/" + "k".repeat(64) + "/x")).isEqualTo("/v1/<redacted>/x");
        assertThat(LoggedRequest.shown("/a\nb \u2028é")).isEqualTo("/a?b???");
        assertThat(LoggedRequest.shown("/x".repeat(200)))
                .hasSize(LoggedRequest.LENGTH + 3)
                .endsWith("/x...");
    }

    private static String id(String... told) {
        RequestBuilder request = PolicyRequest.builder("GET", "/");
        for (String value : told) {
            request.header("X-Request-Id", value);
        }
        return LoggedRequest.id(request.build());
    }

    @Test
    void takesAnIdFromTheClientWhereItIsOne() {
        assertThat(id("a-1")).isEqualTo("a-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\"b", "0123456789012345678901234567890123456789012345678"})
    void makesOneWhereTheClientsIsNone(String told) {
        assertThat(id(told)).matches(UUID);
        assertThat(id("a", "b")).matches(UUID);
        assertThat(id()).matches(UUID).isNotEqualTo(id());
    }

    @Test
    void tellsTheClientTheId() {
        ErrorResponse answer = ErrorResponse.of(400, "a", "b");
        assertThat(LoggedRequest.named(answer, "c").headers())
                .containsEntry("x-request-id", "c")
                .containsAllEntriesOf(answer.headers());
    }

    @Test
    void limitsTheLinesInASecond() {
        LineLimit limit = new LineLimit();
        long before = System.nanoTime();
        int lines = 0;
        for (int i = 0; i < LineLimit.PER_SECOND + 5; i++) {
            lines += limit.next() >= 0 ? 1 : 0;
        }
        if (System.nanoTime() - before < 900_000_000L) {
            assertThat(lines).isEqualTo(LineLimit.PER_SECOND);
        }
    }
}

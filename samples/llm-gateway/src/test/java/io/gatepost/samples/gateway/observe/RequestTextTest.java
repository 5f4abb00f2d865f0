package io.gatepost.samples.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.PolicyRequest;
import org.junit.jupiter.api.Test;

class RequestTextTest {
    private static final String TOKEN = "aaaaaaaaaa.bbbbbbbbbbbbbbbbbbbb";

    private static String path(String path) {
        return RequestText.path(PolicyRequest.builder("GET", path).build());
    }

    @Test
    void showsNoTokenHoweverManyPartsItHas() {
        assertThat(path("/v1/" + TOKEN + ".cc")).isEqualTo("/v1/<redacted>");
        assertThat(path("/v1/" + TOKEN + ".c".repeat(30_000) + "/x")).isEqualTo("/v1/<redacted>");
    }
}

package io.gatepost.policy.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.PolicyRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBuilderTest {
    @Test
    void takesAnAbsoluteUriApartWithoutDecodingIt() {
        PolicyRequest request = PolicyRequest.builder("POST", "https://llm.test:8443/v1/a%2Fb?x=%20&y")
                .build();

        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.scheme()).isEqualTo("https");
        assertThat(request.host()).isEqualTo("llm.test:8443");
        assertThat(request.path()).isEqualTo("/v1/a%2Fb");
        assertThat(request.query()).isEqualTo("x=%20&y");
    }

    @Test
    void readsTheHostFromTheHeaderWhereTheTargetIsAPath() {
        PolicyRequest request =
                PolicyRequest.builder("GET", "/").header("Host", "a.test").build();

        assertThat(request.host()).isEqualTo("a.test");
        assertThat(request.query()).isNull();
    }

    @Test
    void findsHeadersInAnyCaseAndKeepsAllValuesInOrder() {
        PolicyRequest request = PolicyRequest.builder("GET", "http://h")
                .header("X-Team", "a")
                .header("x-team", "b")
                .build();

        assertThat(request.headers("X-TEAM")).containsExactly("a", "b");
        assertThat(request.headerNames()).containsExactly("X-Team");
        assertThat(request.headers("absent")).isEmpty();
        assertThat(request.path()).isEqualTo("/");
    }

    @Test
    void keepsABuiltRequestApartFromLaterChanges() {
        RequestBuilder builder = PolicyRequest.builder("GET", "http://h/").header("a", "1");
        PolicyRequest request = builder.build();

        builder.header("a", "2");

        assertThat(request.headers("a")).containsExactly("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x-team ", "x team", "x:y", "x-\u212aey", "a\r\nb"})
    void refusesHeaderNamesThatAreNoTokens(String name) {
        RequestBuilder builder = PolicyRequest.builder("GET", "/");

        assertThatThrownBy(() -> builder.header(name, "v")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesATargetThatIsNeitherUriNorPath() {
        assertThatThrownBy(() -> PolicyRequest.builder("GET", "host/path"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

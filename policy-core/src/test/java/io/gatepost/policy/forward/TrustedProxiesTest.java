package io.gatepost.policy.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.PolicyRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
    @ParameterizedTest
    @CsvSource({
        "'', 10.0.0.1, 1.2.3.4, 10.0.0.1",
        "10.0.0.0/8, 11.0.0.1, 1.2.3.4, 11.0.0.1",
        "10.0.0.0/8, 10.0.0.1, '', 10.0.0.1",
        "10.0.0.0/8, 10.0.0.1, 1.2.3.4, 1.2.3.4",
        "10.0.0.0/8, 10.0.0.1, '6.6.6.6, 1.2.3.4', 1.2.3.4",
        "10.0.0.0/8, 10.0.0.1, '6.6.6.6, 1.2.3.4, 10.2.2.2', 1.2.3.4",
        "10.0.0.0/8, 10.0.0.1, '10.9.9.9, 10.2.2.2', 10.9.9.9",
        "10.0.0.0/8, 10.0.0.1, '6.6.6.6, unknown', ''",
        "10.0.0.0/8, 10.0.0.1, 'example.com', ''",
        "10.0.0.0/8, 10.0.0.1, '1.2.3.4:567', 1.2.3.4",
        "10.0.0.0/8, 10.0.0.1, '[2001:db8::1]:567', 2001:db8::1",
        "10.0.0.1, 10.0.0.1, 1.2.3.4, 1.2.3.4",
        "10.0.0.2/31, 10.0.0.3, 1.2.3.4, 1.2.3.4",
        "10.0.0.2/31, 10.0.0.4, 1.2.3.4, 10.0.0.4",
        "0.0.0.0/0, 2001:db8::2, 1.2.3.4, 2001:db8::2",
        "fd00::/8, fd12::1, 1.2.3.4, 1.2.3.4"
    })
    void believesTheLastAddressThatNoTrustedProxyHas(String trusted, String peer, String told, String address) {
        PolicyRequest request = PolicyRequest.builder("GET", "http://a.test/")
                .source(peer, 1)
                .header("X-Forwarded-For", told)
                .build();

        assertThat(proxies(trusted).clientOf(request).address()).isEqualTo(address);
    }

    @Test
    @Timeout(20)
    void looksAtNoAddressThatIsLongerThanOne() {
        String colons = "1:".repeat(30_000) + "!";
        PolicyRequest request = PolicyRequest.builder("GET", "http://a.test/")
                .source("10.0.0.1", 1)
                .header("X-Forwarded-For", colons + "," + colons + "," + colons)
                .build();

        for (int i = 0; i < 100; i++) {
            assertThat(proxies("10.0.0.0/8").clientOf(request).address()).isEmpty();
        }
    }

    @Test
    void takesSchemeAndHostOfATrustedProxyWhereTheyAreSuch() {
        PolicyRequest good = PolicyRequest.builder("GET", "http://a.test/")
                .source("10.0.0.1", 1)
                .header("X-Forwarded-Proto", "http, HTTPS")
                .header("X-Forwarded-Host", "b.test:8443")
                .build();
        PolicyRequest bad = PolicyRequest.builder("GET", "http://a.test/")
                .source("10.0.0.1", 1)
                .header("X-Forwarded-Proto", "gopher")
                .header("X-Forwarded-Host", "b.test/evil")
                .build();

        assertThat(proxies("10.0.0.0/8").clientOf(good)).isEqualTo(new Client("10.0.0.1", "https", "b.test:8443"));
        assertThat(proxies("10.0.0.0/8").clientOf(bad)).isEqualTo(new Client("10.0.0.1", "http", "a.test"));
    }

    @Test
    void writesForwardedAsRfc7239Says() {
        assertThat(new Client("2001:db8::1", "https", "a.test").headers())
                .containsEntry("X-Forwarded-For", "2001:db8::1")
                .containsEntry("Forwarded", "for=\"[2001:db8::1]\";host=\"a.test\";proto=https");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "example.com", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "10.0.0.0/-1", "::/129", "300.1.1.1"})
    void refusesWhatIsNoNetwork(String text) {
        assertThatThrownBy(() -> TrustedProxies.of(List.of(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("`" + text + "`");
    }

    private static TrustedProxies proxies(String network) {
        return network.isEmpty() ? TrustedProxies.NONE : TrustedProxies.of(List.of(network));
    }
}

package io.gatepost.policy.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.Security;
import java.security.Signature;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The same vectors where Amazon's Corretto provider is the first one: faster, and no more lenient. */
@EnabledOnOs(
        value = OS.LINUX,
        architectures = "amd64",
        disabledReason = "the provider's library is for Linux on x86-64")
class WycheproofWithCorrettoTest extends WycheproofTest {
    @BeforeAll
    static void install() {
        AmazonCorrettoCryptoProvider.install();
    }

    @AfterAll
    static void remove() {
        Security.removeProvider(AmazonCorrettoCryptoProvider.PROVIDER_NAME);
    }

    @Test
    void isVerifiedByThatProvider() throws Exception {
        assertThat(Signature.getInstance("SHA256withECDSA").getProvider().getName())
                .isEqualTo(AmazonCorrettoCryptoProvider.PROVIDER_NAME);
    }
}

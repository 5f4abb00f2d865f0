package io.gatepost.samples.gateway;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts Amazon's Corretto provider before the JDK's own, process-wide: tokens are verified, and TLS is done, several
 * times as fast. Loading takes half a second, which nobody waits for: until it is done, and on systems that its library
 * is not for, the JDK does the work. {@code -Dgatepost.crypto=jdk} leaves it at that.
 */
final class NativeCryptography {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");

    private NativeCryptography() {}

    static void install() {
        if (!System.getProperty("gatepost.crypto", "").equals("jdk")) {
            Thread loading = new Thread(NativeCryptography::load, "cryptography");
            loading.setDaemon(true);
            loading.start();
        }
    }

    private static void load() {
        try {
            if (AmazonCorrettoCryptoProvider.INSTANCE.getLoadingError() == null) {
                AmazonCorrettoCryptoProvider.INSTANCE.assertHealthy();
                AmazonCorrettoCryptoProvider.install();
                return;
            }
            LOG.debug("native cryptography is not for this system: the JDK's is used");
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("native cryptography does not work here, the JDK's is used: {}", e.toString());
        }
    }
}

package io.gatepost.samples.gateway.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS that trusts certain authorities only. */
final class TrustedAuthorities {
    private TrustedAuthorities() {}

    /**
     * @param pems certificates in PEM, one or more in each text
     * @throws GeneralSecurityException where a text holds no certificate or a broken one
     */
    static SSLContext context(List<String> pems) throws GeneralSecurityException {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (String pem : pems) {
                for (Certificate certificate : factory.generateCertificates(
                        new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))) {
                    trusted.setCertificateEntry("authority-" + trusted.size(), certificate);
                }
            }
            if (trusted.size() == 0) {
                throw new GeneralSecurityException("no certificate");
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new GeneralSecurityException("an empty key store can't be made", e);
        }
    }
}

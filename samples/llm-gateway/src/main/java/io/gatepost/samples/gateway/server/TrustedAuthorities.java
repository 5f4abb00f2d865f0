package io.gatepost.samples.gateway.server;

import io.gatepost.routes.manifest.Tls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.apache.hc.client5.http.ssl.DefaultHostnameVerifier;
import org.jspecify.annotations.Nullable;

/** TLS that trusts what the manifests say. */
final class TrustedAuthorities {
    private TrustedAuthorities() {}

    /**
     * @param tls what of a certificate counts
     * @param pems certificates of authorities in PEM, one or more in each text; empty: the system's
     * @throws GeneralSecurityException where a text holds no certificate or a broken one
     */
    static SSLContext context(Tls tls, List<String> pems) throws GeneralSecurityException {
        X509ExtendedTrustManager strict = authorities(pems.isEmpty() ? null : keyStore(certificates(pems)));
        boolean byHost =
                tls.insecureSkipVerify() == null && tls.verifySubjectAltNames().isEmpty();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {byHost ? strict : new Lenient(strict, tls)}, null);
        return context;
    }

    private static X509ExtendedTrustManager authorities(@Nullable KeyStore trusted) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return Arrays.stream(factory.getTrustManagers())
                .filter(X509ExtendedTrustManager.class::isInstance)
                .map(X509ExtendedTrustManager.class::cast)
                .findFirst()
                .orElseThrow(() -> new GeneralSecurityException("the JDK checks no certificates"));
    }

    private static List<Certificate> certificates(List<String> pems) throws GeneralSecurityException {
        List<Certificate> all = new ArrayList<>();
        for (String pem : pems) {
            all.addAll(certificates(pem));
        }
        if (all.isEmpty()) {
            throw new GeneralSecurityException("no certificate");
        }
        return all;
    }

    /** The certificates of a text in PEM; empty where there are none. */
    static Collection<? extends Certificate> certificates(String pem) throws CertificateException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    /** A store that holds certificates of authorities. */
    static KeyStore keyStore(Collection<? extends Certificate> authorities) throws GeneralSecurityException {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            for (Certificate authority : authorities) {
                trusted.setCertificateEntry("authority-" + trusted.size(), authority);
            }
            return trusted;
        } catch (IOException e) {
            throw new GeneralSecurityException("an empty key store can't be made", e);
        }
    }

    /**
     * Checks less than the JDK would, or other names than the host's. The JDK compares the host in its own trust
     * manager only, so what stands in for it decides alone.
     */
    private static final class Lenient extends X509ExtendedTrustManager {
        private static final int DNS = 2;
        private static final DefaultHostnameVerifier NAMES = new DefaultHostnameVerifier();

        private final X509ExtendedTrustManager strict;
        private final Tls tls;

        Lenient(X509ExtendedTrustManager strict, Tls tls) {
            this.strict = strict;
            this.tls = tls;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            if (tls.insecureSkipVerify() == Tls.InsecureSkipVerify.ALL) {
                return;
            }
            strict.checkServerTrusted(chain, authType);
            List<String> names = tls.verifySubjectAltNames();
            if (!names.isEmpty() && names.stream().noneMatch(name -> isNamed(chain[0], name))) {
                throw new CertificateException("the certificate has none of the names of `verifySubjectAltNames`");
            }
        }

        /** URIs and the like count as they are, hosts and addresses by RFC 9525. */
        private static boolean isNamed(X509Certificate certificate, String name) {
            try {
                Collection<List<?>> names = certificate.getSubjectAlternativeNames();
                if (names == null) {
                    return false;
                }
                if (names.stream().anyMatch(other -> !other.get(0).equals(DNS) && name.equals(other.get(1)))) {
                    return true;
                }
                NAMES.verify(name, certificate);
                return true;
            } catch (CertificateException | SSLException e) {
                return false;
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            checkServerTrusted(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            checkServerTrusted(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("no client is served here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            checkClientTrusted(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            checkClientTrusted(chain, authType);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

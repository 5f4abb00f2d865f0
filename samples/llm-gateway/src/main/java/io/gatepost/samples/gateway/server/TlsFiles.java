package io.gatepost.samples.gateway.server;

import io.gatepost.policy.document.RegularFile;
import io.gatepost.routes.backend.TrustedAuthorities;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway proves itself by, and whom it lets connect, in PEM.
 *
 * @param certificate its certificate and those up to, but without, the root
 * @param key the certificate's private key: PKCS#8, PKCS#1 or SEC 1, not encrypted
 * @param clientCa whose clients are known; null where clients are not asked for certificates
 * @param clientRequired whether only clients with a certificate are served
 */
public record TlsFiles(Path certificate, Path key, @Nullable Path clientCa, boolean clientRequired) {
    private static final int MAX_BYTES = 1 << 20;

    public TlsFiles {
        Objects.requireNonNull(certificate, "certificate");
        Objects.requireNonNull(key, "key");
    }

    List<Path> paths() {
        return clientCa == null ? List.of(certificate, key) : List.of(certificate, key, clientCa);
    }

    /**
     * Reads the files.
     *
     * @throws UncheckedIOException where they can't be used; its message names the file and the cure
     */
    SSLContext context() {
        List<X509Certificate> chain = certificates(certificate);
        PrivateKey secret = PemKey.read(key, text(key), chain.get(0));
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers(chain, secret), clientCa == null ? null : trustManagers(clientCa), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw unusable(certificate, "TLS can't be set up with it: " + e.getMessage());
        }
    }

    private static KeyManager[] keyManagers(List<X509Certificate> chain, PrivateKey secret)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("key", secret, new char[0], chain.toArray(Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    private static TrustManager[] trustManagers(Path file) throws GeneralSecurityException {
        KeyStore store = TrustedAuthorities.keyStore(certificates(file));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static List<X509Certificate> certificates(Path file) {
        List<X509Certificate> all = new ArrayList<>();
        try {
            for (Certificate one : TrustedAuthorities.certificates(text(file))) {
                all.add((X509Certificate) one);
            }
        } catch (CertificateException e) {
            throw unusable(file, "holds a certificate that can't be read; expected PEM");
        }
        if (all.isEmpty()) {
            throw unusable(file, "holds no certificate; expected PEM, `-----BEGIN CERTIFICATE-----`");
        }
        return all;
    }

    private static String text(Path file) {
        try {
            return new String(RegularFile.read(file, MAX_BYTES), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw Files.exists(file) || Files.isSymbolicLink(file)
                    ? unusable(file, "can't be used: " + e.getMessage())
                    : unusable(file, "does not exist");
        }
    }

    static UncheckedIOException unusable(Path file, String problem) {
        return new UncheckedIOException(new IOException("`" + file + "` " + problem)) {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
                return "`" + file + "` " + problem;
            }
        };
    }
}

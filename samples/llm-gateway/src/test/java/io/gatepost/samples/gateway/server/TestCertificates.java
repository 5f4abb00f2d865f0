package io.gatepost.samples.gateway.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Certificates of an authority that lives in a folder, made by the JDK's keytool. */
final class TestCertificates {
    private static final String PASSWORD = "changeit";

    private final Path folder;

    /** A key with its certificate chain, which ends before the authority. */
    record Pair(PrivateKey key, List<Certificate> chain) {
        String certificatePem() {
            StringBuilder pem = new StringBuilder();
            chain.forEach(one -> pem.append(TestCertificates.pem(one)));
            return pem.toString();
        }

        /** PKCS#8. */
        String keyPem() {
            return block("PRIVATE KEY", key.getEncoded());
        }

        /** PKCS#1 or SEC 1: what PKCS#8 has within its last octet string. */
        String traditionalKeyPem() {
            byte[] der = key.getEncoded();
            int at = key.getAlgorithm().equals("RSA") ? 26 : 28;
            byte[] inner = java.util.Arrays.copyOfRange(der, at, der.length);
            return block(key.getAlgorithm() + " PRIVATE KEY", inner);
        }
    }

    /** With the authority {@code ca}. */
    TestCertificates(Path folder) throws Exception {
        this.folder = folder;
        keytool(
                "-genkeypair",
                "-alias",
                "ca",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=ca",
                "-ext",
                "bc:c",
                "-validity",
                "2");
    }

    Pair issue(String alias, String algorithm, String subjectName, String alternativeNames) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                algorithm,
                "-signer",
                "ca",
                "-dname",
                subjectName,
                "-ext",
                "SAN=" + alternativeNames,
                "-validity",
                "2"));
        arguments.addAll(algorithm.equals("EC") ? List.of("-groupname", "secp256r1") : List.of("-keysize", "2048"));
        keytool(arguments.toArray(String[]::new));
        KeyStore store = store();
        return new Pair(
                (PrivateKey) store.getKey(alias, PASSWORD.toCharArray()), List.of(store.getCertificateChain(alias)[0]));
    }

    String authorityPem() throws Exception {
        return pem(store().getCertificate("ca"));
    }

    /** A client's, that trusts the authority and has a certificate where one is given. */
    SSLContext client(@Nullable Pair pair) throws Exception {
        KeyStore trusted = empty();
        trusted.setCertificateEntry("ca", store().getCertificate("ca"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyStore own = empty();
        if (pair != null) {
            own.setKeyEntry("key", pair.key(), new char[0], pair.chain().toArray(Certificate[]::new));
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private KeyStore store() throws Exception {
        return KeyStore.getInstance(folder.resolve("store.p12").toFile(), PASSWORD.toCharArray());
    }

    private void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of(
                "-storetype", "PKCS12", "-keystore", folder.resolve("store.p12").toString(), "-storepass", PASSWORD));
        Path said = folder.resolve("keytool.txt");
        Process keytool = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IllegalStateException(Files.readString(said));
        }
    }

    private static String pem(Certificate certificate) {
        try {
            return block("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String block(String label, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }
}

package io.gatepost.samples.gateway.server;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads private keys in PEM: PKCS#8 (RFC 5958), and what is brought into its form: PKCS#1 (RFC 8017) and SEC 1 (RFC
 * 5915). What is wrong with a key is told without a letter of it.
 */
final class PemKey {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----([^-]*)-----END \\1-----");
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final byte[] VERSION_0 = {2, 1, 0};

    private PemKey() {}

    /** The key that belongs to a certificate. */
    static PrivateKey read(Path file, String pem, X509Certificate certificate) {
        Matcher block = BLOCK.matcher(pem);
        if (!block.find()) {
            throw TlsFiles.unusable(file, "holds no private key; expected PEM, `-----BEGIN PRIVATE KEY-----`");
        }
        String label = block.group(1);
        if (label.startsWith("ENCRYPTED") || block.group(2).contains("ENCRYPTED")) {
            throw TlsFiles.unusable(file, "is encrypted; write it without a passphrase, readable only by the gateway");
        }
        PublicKey own = certificate.getPublicKey();
        boolean belongs;
        PrivateKey key;
        try {
            byte[] der = Base64.getMimeDecoder().decode(block.group(2));
            byte[] pkcs8 = label.equals("PRIVATE KEY") ? der : pkcs8(own, der);
            key = KeyFactory.getInstance(own.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            belongs = belongs(key, own);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw TlsFiles.unusable(
                    file, "holds no " + own.getAlgorithm() + " key, as the certificate needs, or it is damaged");
        }
        if (!belongs) {
            throw TlsFiles.unusable(file, "is not the key of the certificate; both must be made together");
        }
        return key;
    }

    private static boolean belongs(PrivateKey key, PublicKey own) throws GeneralSecurityException {
        String algorithm = switch (own.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> own.getAlgorithm();
        };
        byte[] text = {1, 2, 3};
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(own);
        signature.update(text);
        return signature.verify(signed);
    }

    /** The algorithm with its curve is the certificate's, whose public key begins with it. */
    private static byte[] pkcs8(PublicKey own, byte[] der) {
        byte[] info = own.getEncoded();
        int start = 2 + extraLengthBytes(info, 1);
        int end = start + 2 + extraLengthBytes(info, start + 1) + length(info, start + 1);
        return element(SEQUENCE, VERSION_0, Arrays.copyOfRange(info, start, end), element(OCTETS, der));
    }

    private static int extraLengthBytes(byte[] der, int at) {
        return (der[at] & 0x80) == 0 ? 0 : der[at] & 0x7f;
    }

    private static int length(byte[] der, int at) {
        int more = extraLengthBytes(der, at);
        int length = more == 0 ? der[at] : 0;
        for (int i = 1; i <= more; i++) {
            length = (length << 8) | (der[at + i] & 0xff);
        }
        return length;
    }

    private static byte[] element(int tag, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> 8);
            out.write(length);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}

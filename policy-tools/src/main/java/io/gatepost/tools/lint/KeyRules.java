package io.gatepost.tools.lint;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.JwksSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Looks at keys that stand in a document or in a file beside it. A key's members are never repeated, but its name. */
final class KeyRules {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int LEAST_RSA_BITS = 2048;
    private static final BigInteger LEAST_EXPONENT = BigInteger.valueOf(65_537);
    private static final Duration SOON = Duration.ofDays(30);
    private static final long MAX_FILE = 1 << 20;

    private final Consumer<Finding> findings;
    private final Clock clock;

    KeyRules(Consumer<Finding> findings, Clock clock) {
        this.findings = findings;
        this.clock = clock;
    }

    void check(JwksSource source) {
        String text = text(source);
        if (text == null) {
            return;
        }
        try {
            List<JsonNode> keys = new ArrayList<>();
            JSON.readTree(text).path("keys").forEach(keys::add);
            keys.removeIf(
                    key -> !key.isObject() || key.path("use").asString("sig").equals("enc"));
            keys.forEach(key -> key(key, source.origin()));
            together(keys, source.origin());
        } catch (JacksonException problem) {
            // What is no key set is told when the document is read.
        }
    }

    private static @Nullable String text(JwksSource source) {
        try {
            if (source instanceof JwksSource.File file && Files.size(file.path()) <= MAX_FILE) {
                return Files.readString(file.path());
            }
        } catch (IOException problem) {
            // A file that is not there yet is told by who needs it.
        }
        return source instanceof JwksSource.Inline inline ? inline.text() : null;
    }

    private void key(JsonNode key, Origin origin) {
        String name = name(key);
        switch (key.path("kty").asString("")) {
            case "oct" ->
                tell(LintRule.SYMMETRIC_KEY, origin, name + " is symmetric: whoever reads it here can sign tokens");
            case "RSA" -> rsa(key, name, origin);
            default -> {}
        }
        certificate(key, name, origin);
    }

    private static String name(JsonNode key) {
        return key.has("kid") ? "key `" + key.path("kid").asString("") + "`" : "a key without `kid`";
    }

    private void rsa(JsonNode key, String name, Origin origin) {
        int bits = number(key.path("n")).bitLength();
        if (bits > 0 && bits < LEAST_RSA_BITS) {
            tell(
                    LintRule.WEAK_KEY,
                    origin,
                    name + " is an RSA key of " + bits + " bits, less than 2048: it is not used");
        }
        BigInteger exponent = number(key.path("e"));
        if (exponent.signum() > 0 && exponent.compareTo(LEAST_EXPONENT) < 0) {
            tell(
                    LintRule.WEAK_KEY,
                    origin,
                    name + " is an RSA key of public exponent " + exponent + ", less than 65537");
        }
    }

    private static BigInteger number(JsonNode octets) {
        try {
            return new BigInteger(1, Base64.getUrlDecoder().decode(octets.asString("")));
        } catch (IllegalArgumentException problem) {
            return BigInteger.ZERO;
        }
    }

    private void certificate(JsonNode key, String name, Origin origin) {
        X509Certificate certificate = certificate(key.path("x5c").path(0).asString(""));
        if (certificate == null) {
            return;
        }
        Instant end = certificate.getNotAfter().toInstant();
        Instant now = clock.instant();
        if (end.isBefore(now.plus(SOON))) {
            String when = end.isBefore(now) ? " ended at " : " ends at ";
            tell(
                    LintRule.CERTIFICATE_EXPIRY,
                    origin,
                    "the certificate of " + name + when + end + "; the key counts until it is removed");
        }
    }

    private static @Nullable X509Certificate certificate(String base64) {
        try {
            byte[] octets = Base64.getMimeDecoder().decode(base64);
            return octets.length == 0
                    ? null
                    : (X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(octets));
        } catch (CertificateException | IllegalArgumentException problem) {
            return null;
        }
    }

    private void together(List<JsonNode> keys, Origin origin) {
        if (keys.size() < 2) {
            return;
        }
        Set<String> names = new HashSet<>();
        for (JsonNode key : keys) {
            if (key.has("kid") && !names.add(key.path("kid").asString(""))) {
                tell(
                        LintRule.DUPLICATE_KEY_ID,
                        origin,
                        "two keys have the `kid` `" + key.path("kid").asString("") + "`");
            }
        }
        long nameless = keys.stream().filter(key -> !key.has("kid")).count();
        if (nameless > 0) {
            tell(
                    LintRule.KEY_WITHOUT_ID,
                    origin,
                    nameless + " of " + keys.size()
                            + " keys have no `kid`: a token can't say which one it is signed by");
        }
        long open = keys.stream()
                .filter(key -> !key.has("alg") && key.path("kty").asString("").equals("RSA"))
                .count();
        if (open > 0) {
            tell(
                    LintRule.KEY_WITHOUT_ALGORITHM,
                    origin,
                    open + " of " + keys.size() + " keys have no `alg`: each takes all RSA algorithms");
        }
    }

    private void tell(LintRule rule, Origin origin, String message) {
        findings.accept(new Finding(rule, origin, message));
    }
}

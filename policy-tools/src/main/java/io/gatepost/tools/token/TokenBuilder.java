package io.gatepost.tools.token;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jose4j.jca.ProviderContext;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwa.AlgorithmFactoryFactory;
import org.jose4j.jws.JsonWebSignatureAlgorithm;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** A token in the making, good until something is changed. Not thread-safe. */
public final class TokenBuilder {
    private final Map<String, @Nullable Object> header = new LinkedHashMap<>();
    private final Map<String, @Nullable Object> claims = new LinkedHashMap<>();
    private final Instant now;
    private TokenIssuer signer;
    private @Nullable String signatureAlgorithm;
    private @Nullable String headerText;
    private @Nullable String claimsText;

    TokenBuilder(TokenIssuer issuer, Instant now) {
        this.now = now;
        signer = issuer;
        header.put("alg", issuer.algorithm());
        header.put("kid", issuer.keyId());
        claims.put("iss", issuer.issuer());
        claims.put("sub", "alice");
        expiresIn(Duration.ofMinutes(10));
    }

    /**
     * Sets a header parameter.
     *
     * @param name the parameter
     * @param value a string, number, boolean, list, map or null
     * @return this
     */
    public TokenBuilder header(String name, @Nullable Object value) {
        header.put(name, value);
        return this;
    }

    /**
     * Removes a header parameter.
     *
     * @param name the parameter
     * @return this
     */
    public TokenBuilder withoutHeader(String name) {
        header.remove(name);
        return this;
    }

    /**
     * Writes the header itself, instead of what was set.
     *
     * @param json the header's text, which need not be JSON
     * @return this
     */
    public TokenBuilder headerText(String json) {
        headerText = json;
        return this;
    }

    /**
     * Sets a claim.
     *
     * @param name the claim
     * @param value a string, number, boolean, list, map or null
     * @return this
     */
    public TokenBuilder claim(String name, @Nullable Object value) {
        claims.put(name, value);
        return this;
    }

    /**
     * Removes a claim.
     *
     * @param name the claim
     * @return this
     */
    public TokenBuilder withoutClaim(String name) {
        claims.remove(name);
        return this;
    }

    /**
     * Writes the claims themselves, instead of what was set.
     *
     * @param json the payload's text, which need not be JSON
     * @return this
     */
    public TokenBuilder claimsText(String json) {
        claimsText = json;
        return this;
    }

    /**
     * Sets the subject.
     *
     * @param subject {@code sub}
     * @return this
     */
    public TokenBuilder subject(String subject) {
        return claim("sub", subject);
    }

    /**
     * Sets {@code exp}.
     *
     * @param fromNow how far from the issuer's now, to the second; negative for the past
     * @return this
     */
    public TokenBuilder expiresIn(Duration fromNow) {
        return claim("exp", now.plus(fromNow).getEpochSecond());
    }

    /**
     * Sets {@code nbf}.
     *
     * @param fromNow how far from the issuer's now, to the second; negative for the past
     * @return this
     */
    public TokenBuilder notBefore(Duration fromNow) {
        return claim("nbf", now.plus(fromNow).getEpochSecond());
    }

    /**
     * Signs with another's key; header and claims stay.
     *
     * @param other whose key
     * @return this
     */
    public TokenBuilder signedBy(TokenIssuer other) {
        signer = other;
        return this;
    }

    /**
     * Signs with another algorithm than the header says.
     *
     * @param algorithm an algorithm that fits the key
     * @return this
     */
    public TokenBuilder signedWith(String algorithm) {
        signatureAlgorithm = algorithm;
        return this;
    }

    /**
     * Signs the token.
     *
     * @return the compact form (RFC 7515 section 7.1)
     */
    public String compact() {
        String signed = base64Url((headerText == null ? JsonUtil.toJson(header) : headerText).getBytes(UTF_8)) + "."
                + base64Url((claimsText == null ? JsonUtil.toJson(claims) : claimsText).getBytes(UTF_8));
        return signed + "." + base64Url(signature(signed.getBytes(US_ASCII)));
    }

    private byte[] signature(byte[] input) {
        String name = signatureAlgorithm == null ? signer.algorithm() : signatureAlgorithm;
        try {
            JsonWebSignatureAlgorithm algorithm = AlgorithmFactoryFactory.getInstance()
                    .getJwsAlgorithmFactory()
                    .getAlgorithm(name);
            return algorithm.sign(algorithm.prepareForSign(signer.key().getPrivateKey(), new ProviderContext()), input);
        } catch (JoseException e) {
            throw new IllegalStateException("can't sign with " + name, e);
        }
    }

    private static String base64Url(byte[] octets) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }
}

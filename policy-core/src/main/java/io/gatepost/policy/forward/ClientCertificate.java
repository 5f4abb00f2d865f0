package io.gatepost.policy.forward;

import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.jspecify.annotations.Nullable;

/**
 * What rules see of the certificate with which the other end of a TLS connection has proven who it is
 * ({@code docs/authorization.md#variables}). It is the certificate of whoever connects: of a proxy in front where there
 * is one. Immutable.
 *
 * @param certificate the certificate, verified by the TLS layer
 */
public record ClientCertificate(X509Certificate certificate) {
    private static final String PREFIX = "source.";
    private static final int URI = 6;
    private static final int IP = 7;
    private static final Set<Integer> TEXTS = Set.of(1, 2, URI, IP);
    private static final Pattern IDENTITY = Pattern.compile("spiffe://([^/]+)/ns/([^/]+)/sa/([^/]+)");

    /**
     * Whether a variable can come from a certificate, so that nobody looks for one in vain.
     *
     * @param attribute a variable's name, such as {@code source.subjectCn}
     * @return whether {@link #attribute} may know it
     */
    public static boolean fills(String attribute) {
        return attribute.startsWith(PREFIX);
    }

    /**
     * A variable for expressions.
     *
     * @param attribute a name: {@code source.identity}, {@code spiffeId}, {@code subjectAltNames}, {@code issuer},
     *     {@code subject}, {@code subjectCn} or {@code certificate}; names are in RFC 2253's form, the certificate is
     *     PEM
     * @return the value; null where the certificate has none
     */
    public @Nullable Object attribute(String attribute) {
        return switch (attribute) {
            case PREFIX + "identity" -> identity();
            case PREFIX + "spiffeId" -> spiffeId();
            case PREFIX + "subjectAltNames" -> names(TEXTS);
            case PREFIX + "issuer" -> certificate.getIssuerX500Principal().getName();
            case PREFIX + "subject" -> certificate.getSubjectX500Principal().getName();
            case PREFIX + "subjectCn" -> commonName();
            case PREFIX + "certificate" -> pem();
            default -> null;
        };
    }

    private @Nullable Object identity() {
        String id = spiffeId();
        Matcher parts = IDENTITY.matcher(id == null ? "" : id);
        return parts.matches()
                ? Map.of("trustDomain", parts.group(1), "namespace", parts.group(2), "serviceAccount", parts.group(3))
                : null;
    }

    /** A certificate with several has no identity (SPIFFE X.509-SVID section 2). */
    private @Nullable String spiffeId() {
        List<String> uris = names(Set.of(URI));
        return uris.size() == 1 && uris.get(0).startsWith("spiffe://") ? uris.get(0) : null;
    }

    private List<String> names(Set<Integer> types) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> types.contains(name.get(0)))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    /** The most specific one: RFC 2253 begins with it, and an LdapName ends with it. */
    private @Nullable String commonName() {
        try {
            LdapName name = new LdapName(certificate.getSubjectX500Principal().getName());
            for (int i = name.size() - 1; i >= 0; i--) {
                if (name.getRdn(i).getType().equalsIgnoreCase("CN")
                        && name.getRdn(i).getValue() instanceof String text) {
                    return text;
                }
            }
            return null;
        } catch (InvalidNameException e) {
            return null;
        }
    }

    private @Nullable String pem() {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (CertificateEncodingException e) {
            return null;
        }
    }
}

package io.gatepost.policy;

import java.net.URI;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code WWW-Authenticate} value of a refusal (RFC 6750 section 3). Fixed text, but for the realm and where the
 * resource is described (RFC 9728 section 5.1).
 */
final class BearerChallenge {
    private final Map<DenyReason, String> challenges = new EnumMap<>(DenyReason.class);

    BearerChallenge(String realm, @Nullable URI resourceMetadata) {
        if (realm.isEmpty() || !realm.chars().allMatch(c -> c >= 0x20 && c < 0x7f && c != '"' && c != '\\')) {
            throw new IllegalArgumentException("realm: expected printable ASCII without quotes and backslashes");
        }
        if (resourceMetadata != null && !isWebAddress(resourceMetadata)) {
            throw new IllegalArgumentException("resourceMetadata: expected an http or https URL");
        }
        for (DenyReason reason : DenyReason.values()) {
            if (reason.status() == 401 || reason == DenyReason.CREDENTIAL_AMBIGUOUS) {
                challenges.put(reason, challenge(reason, realm, resourceMetadata));
            }
        }
    }

    /** The challenge that belongs to a reason; null for a status other than 400 and 401. */
    @Nullable
    String of(DenyReason reason) {
        return challenges.get(reason);
    }

    private static String challenge(DenyReason reason, String realm, @Nullable URI resourceMetadata) {
        String challenge = "Bearer" + parameter("realm", realm);
        if (reason.errorCode() != null) {
            challenge += "," + parameter("error", reason.errorCode()) + ","
                    + parameter("error_description", reason.description());
        }
        return resourceMetadata == null
                ? challenge
                : challenge + "," + parameter("resource_metadata", resourceMetadata.toASCIIString());
    }

    private static String parameter(String name, String value) {
        return " " + name + "=\"" + value + "\"";
    }

    private static boolean isWebAddress(URI url) {
        return ("https".equals(url.getScheme()) || "http".equals(url.getScheme())) && url.getHost() != null;
    }
}

package io.gatepost.policy;

import org.jspecify.annotations.Nullable;

/** The {@code WWW-Authenticate} value of a refusal (RFC 6750 section 3). Fixed text but for the realm. */
final class BearerChallenge {
    private final String realm;

    BearerChallenge(String realm) {
        if (realm.isEmpty() || !realm.chars().allMatch(c -> c >= 0x20 && c < 0x7f && c != '"' && c != '\\')) {
            throw new IllegalArgumentException("realm: expected printable ASCII without quotes and backslashes");
        }
        this.realm = realm;
    }

    /** The challenge that belongs to a reason; null for a status other than 400 and 401. */
    @Nullable
    String of(DenyReason reason) {
        if (reason.status() != 401 && reason != DenyReason.CREDENTIAL_AMBIGUOUS) {
            return null;
        }
        String challenge = "Bearer realm=\"" + realm + "\"";
        return reason.errorCode() == null
                ? challenge
                : challenge + ", error=\"" + reason.errorCode() + "\", error_description=\"" + reason.description()
                        + "\"";
    }
}

package io.gatepost.policy;

import io.gatepost.policy.model.Diagnostic;
import io.gatepost.policy.model.JwtAuthentication;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Judges a credential: signature (RFC 7515) and claims (RFC 7519). */
final class TokenVerifier {
    private TokenVerifier() {}

    static TokenVerifier of(@Nullable JwtAuthentication jwt, Clock clock, List<Diagnostic> found) {
        return new TokenVerifier();
    }

    Verification verify(List<String> credentials) {
        return credentials.isEmpty()
                ? new Verification.NoToken("the request bears no token")
                : new Verification.Rejected(DenyReason.TOKEN_MALFORMED, "verification is not built yet");
    }
}

package io.gatepost.servlet;

import io.gatepost.policy.VerifiedToken;
import java.security.Principal;
import org.jspecify.annotations.Nullable;

/** The subject of a verified token. */
record TokenPrincipal(String name) implements Principal {
    static @Nullable Principal of(VerifiedToken token) {
        String subject = token.subject();
        return subject == null ? null : new TokenPrincipal(subject);
    }

    @Override
    public String getName() {
        return name;
    }
}

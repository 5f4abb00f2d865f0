package io.gatepost.tools.lint;

import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import java.util.List;

/**
 * What is known of the tokens of the requests that some rules judge.
 *
 * @param authentications what verifies them
 * @param isAll whether nothing else does, such as a policy that is not in the files
 */
record AcceptedTokens(List<JwtAuthentication> authentications, boolean isAll) {
    AcceptedTokens {
        authentications = List.copyOf(authentications);
    }

    /** Whether a request may come to the rules without one. */
    boolean mayBeAbsent() {
        return !authentications.isEmpty() && authentications.stream().noneMatch(jwt -> jwt.mode() == JwtMode.STRICT);
    }

    /** Whether none is ever verified. */
    boolean areNeverThere() {
        return isAll && authentications.isEmpty();
    }
}

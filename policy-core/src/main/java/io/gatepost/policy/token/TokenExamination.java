package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.diagnostic.Origin;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request's credential, check by check, also those beyond the first that it fails: for tools that explain a decision,
 * never for one. Made when {@link io.gatepost.policy.PolicyEngine#examine} is asked; deciding pays nothing for it. Immutable.
 *
 * @param checks the checks, in the order in which they are made
 * @param claims what the credential claims, <em>whether it is verified or not</em>; empty where it can't be read
 */
public record TokenExamination(List<Check> checks, Map<String, @Nullable Object> claims) {
    /** That of a request that no policy authenticates. */
    public static final TokenExamination NONE = new TokenExamination(List.of(), Map.of());

    public TokenExamination {
        checks = List.copyOf(checks);
        claims = Collections.unmodifiableMap(new LinkedHashMap<>(claims));
    }

    /** What a check came to. */
    public enum Result {
        /** It was passed. */
        PASSED,
        /** It was not. */
        FAILED,
        /** It could not be made, since an earlier one failed. */
        NOT_MADE
    }

    /**
     * One check.
     *
     * @param name what is checked: {@code credential}, {@code form}, {@code provider}, {@code key}, {@code signature},
     *     or the name of a header parameter or a claim
     * @param result what it came to
     * @param reason the reason for which a request is refused that fails it; null unless it failed
     * @param expected what was demanded, in words
     * @param found what there was, in words; no token text, of claims the registered ones only (RFC 7519 section 4.1)
     * @param origin where the demand is written
     */
    public record Check(
            String name, Result result, @Nullable DenyReason reason, String expected, String found, Origin origin) {
        public Check {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(result, "result");
            Objects.requireNonNull(expected, "expected");
            Objects.requireNonNull(found, "found");
            Objects.requireNonNull(origin, "origin");
        }

        static Check passed(String name, String expected, String found, Origin origin) {
            return new Check(name, Result.PASSED, null, expected, found, origin);
        }

        static Check failed(String name, DenyReason reason, String expected, String found, Origin origin) {
            return new Check(name, Result.FAILED, reason, expected, found, origin);
        }

        @Override
        public String toString() {
            return name + ": " + (result == Result.FAILED ? "expected " + expected + ", found " + found : found);
        }
    }

    /** Neither the claims nor anything else of the token. */
    @Override
    public String toString() {
        return "TokenExamination" + checks;
    }
}

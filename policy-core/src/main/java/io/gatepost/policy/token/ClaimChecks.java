package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.text.ShownValue;
import io.gatepost.policy.token.TokenExamination.Check;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Each demand of {@link ClaimRules} on one token, with what was expected and found. Not thread-safe. */
final class ClaimChecks {
    private final ClaimRules rules;
    private final JwtProvider provider;
    private final Map<String, @Nullable Object> claims;
    private final Instant now;
    private final List<Check> checks = new ArrayList<>();

    ClaimChecks(ClaimRules rules, Map<String, @Nullable Object> claims, Instant now) {
        this.rules = rules;
        provider = rules.provider();
        this.claims = claims;
        this.now = now;
    }

    /** A demand; refuses as deciding does. */
    private interface Demand {
        void check() throws RejectedTokenException;
    }

    List<Check> of(@Nullable String type) {
        if (provider.tokenType() != null) {
            add("typ", "`" + provider.tokenType() + "`", ShownValue.orAbsent(type), () -> rules.checkTokenType(type));
        }
        String skew = provider.clockSkew().isZero()
                ? ""
                : ", " + provider.clockSkew().toSeconds() + " s of clock skew allowed";
        for (String name : List.of("exp", "nbf")) {
            String side = name.equals("exp") ? "after " : "not after ";
            if (claims.containsKey(name)) {
                add(name, side + now + skew, time(claims.get(name)), () -> checkTime(name));
            }
        }
        add("types", "claims of the types of RFC 7519", "other types", () -> ClaimRules.checkTypes(claims));
        checks.removeIf(check -> check.name().equals("types") && check.result() == TokenExamination.Result.PASSED);
        if (!provider.audiences().isEmpty()) {
            add(
                    "aud",
                    "`" + String.join("` or `", provider.audiences()) + "`",
                    ShownValue.orAbsent(claims.get("aud")),
                    () -> rules.checkAudience(claims.get("aud")));
        }
        provider.requiredClaims().stream().sorted().forEach(this::required);
        return checks;
    }

    /** One of the two times; the other one is as if it were absent. */
    private void checkTime(String name) throws RejectedTokenException {
        ClaimRules.checkTimes(rules.period(Collections.singletonMap(name, claims.get(name))), now);
    }

    private void required(String name) {
        boolean there = claims.get(name) != null;
        String expected = "required claim `" + name + "`";
        if (!there) {
            checks.add(Check.failed(name, DenyReason.CLAIM_MISSING, expected, "absent", provider.origin()));
        } else if (checks.stream().noneMatch(check -> check.name().equals(name))) {
            checks.add(Check.passed(name, expected, "present", provider.origin()));
        }
    }

    private void add(String name, String expected, String found, Demand demand) {
        try {
            demand.check();
            checks.add(Check.passed(name, expected, found, provider.origin()));
        } catch (RejectedTokenException e) {
            String problem = e.reason() == DenyReason.CLAIM_INVALID ? String.valueOf(e.getMessage()) : found;
            checks.add(Check.failed(name, e.reason(), expected, problem, provider.origin()));
        }
    }

    /** What no clock will show is told as the number that it is. */
    private static String time(@Nullable Object value) {
        try {
            return value instanceof Number seconds
                    ? Instant.ofEpochSecond(new BigDecimal(seconds.toString())
                                    .setScale(0, RoundingMode.FLOOR)
                                    .longValueExact())
                            .toString()
                    : ShownValue.orAbsent(value);
        } catch (DateTimeException | ArithmeticException beyond) {
            return ShownValue.orAbsent(value);
        }
    }
}

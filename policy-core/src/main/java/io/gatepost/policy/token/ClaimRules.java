package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.model.JwtProvider;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one provider demands of a token whose signature is good: its type and its claims (RFC 7519 section 4.1). */
final class ClaimRules {
    private static final List<String> TIMES = List.of("exp", "nbf", "iat");
    private static final List<String> TEXTS = List.of("sub", "jti");
    private static final BigDecimal END_OF_TIME = BigDecimal.valueOf(Instant.MAX.getEpochSecond());

    private final JwtProvider provider;

    ClaimRules(JwtProvider provider) {
        this.provider = provider;
    }

    /** When the times of the claims hold, now among it; refuses what is demanded otherwise. */
    Grounds.Period check(@Nullable String type, Map<String, @Nullable Object> claims, Instant now)
            throws RejectedTokenException {
        checkTokenType(type);
        Grounds.Period period = period(claims);
        checkTimes(period, now);
        checkTypes(claims);
        checkAudience(claims.get("aud"));
        checkPresence(claims);
        return period;
    }

    JwtProvider provider() {
        return provider;
    }

    /** What each demand comes to, one by one. */
    List<TokenExamination.Check> examine(@Nullable String type, Map<String, @Nullable Object> claims, Instant now) {
        return new ClaimChecks(this, claims, now).of(type);
    }

    /** RFC 8725 section 3.11; media types are compared as RFC 7515 section 4.1.9 says. */
    void checkTokenType(@Nullable String type) throws RejectedTokenException {
        String expected = provider.tokenType();
        if (expected != null && (type == null || !mediaType(type).equals(mediaType(expected)))) {
            throw new RejectedTokenException(
                    DenyReason.TOKEN_TYPE_MISMATCH, "the token's `typ` is not the provider's `tokenType`");
        }
    }

    private static String mediaType(String type) {
        String lower = type.toLowerCase(Locale.ROOT);
        return lower.indexOf('/') < 0 ? "application/" + lower : lower;
    }

    static void checkTimes(Grounds.Period period, Instant now) throws RejectedTokenException {
        if (!now.isBefore(period.until())) {
            throw new RejectedTokenException(
                    DenyReason.TOKEN_EXPIRED, "the token's `exp` lies in the past by more than the clock skew");
        }
        if (now.isBefore(period.from())) {
            throw new RejectedTokenException(
                    DenyReason.TOKEN_NOT_YET_VALID, "the token's `nbf` lies in the future by more than the clock skew");
        }
    }

    Grounds.Period period(Map<String, @Nullable Object> claims) throws RejectedTokenException {
        BigDecimal skew = seconds(provider.clockSkew());
        BigDecimal notBefore = time(claims, "nbf");
        BigDecimal expiry = time(claims, "exp");
        return new Grounds.Period(
                notBefore == null ? Instant.MIN : instant(notBefore.subtract(skew)),
                expiry == null ? Instant.MAX : instant(expiry.add(skew)));
    }

    /** The first moment a clock can show from then on; what no clock will show is the last one, or the first. */
    private static Instant instant(BigDecimal seconds) {
        if (seconds.abs().compareTo(END_OF_TIME) >= 0) {
            return seconds.signum() < 0 ? Instant.MIN : Instant.MAX;
        }
        BigDecimal shown = seconds.setScale(9, RoundingMode.CEILING);
        BigDecimal whole = shown.setScale(0, RoundingMode.FLOOR);
        return Instant.ofEpochSecond(
                whole.longValue(), shown.subtract(whole).movePointRight(9).longValue());
    }

    static void checkTypes(Map<String, @Nullable Object> claims) throws RejectedTokenException {
        for (String name : TIMES) {
            time(claims, name);
        }
        for (String name : TEXTS) {
            if (claims.containsKey(name) && !(claims.get(name) instanceof String)) {
                throw wrongType(name, "a string");
            }
        }
        if (claims.containsKey("aud") && audiences(claims.get("aud")) == null) {
            throw wrongType("aud", "a string or a list of strings");
        }
    }

    void checkAudience(@Nullable Object claim) throws RejectedTokenException {
        List<?> audiences = audiences(claim);
        boolean meant = audiences != null && audiences.stream().anyMatch(provider.audiences()::contains);
        if (provider.audiences().isEmpty() || meant) {
            return;
        }
        throw new RejectedTokenException(
                DenyReason.AUDIENCE_MISMATCH, "none of the provider's `audiences` is in the token's `aud`");
    }

    private void checkPresence(Map<String, @Nullable Object> claims) throws RejectedTokenException {
        for (String name : provider.requiredClaims()) {
            if (claims.get(name) == null) {
                throw new RejectedTokenException(
                        DenyReason.CLAIM_MISSING, "the token lacks the required claim `" + name + "`");
            }
        }
    }

    private static @Nullable List<?> audiences(@Nullable Object claim) {
        if (claim instanceof String one) {
            return List.of(one);
        }
        return claim instanceof List<?> several && several.stream().allMatch(String.class::isInstance) ? several : null;
    }

    /** A time in seconds, exact; null where the claim is absent. */
    private static @Nullable BigDecimal time(Map<String, @Nullable Object> claims, String name)
            throws RejectedTokenException {
        if (!claims.containsKey(name)) {
            return null;
        }
        Object value = claims.get(name);
        if (value instanceof Long whole) {
            return BigDecimal.valueOf(whole);
        }
        if (value instanceof BigInteger large) {
            return new BigDecimal(large);
        }
        if (value instanceof Double fractional) {
            return new BigDecimal(fractional);
        }
        throw wrongType(name, "a number");
    }

    private static RejectedTokenException wrongType(String name, String expected) {
        return new RejectedTokenException(
                DenyReason.CLAIM_INVALID, "the token's claim `" + name + "` is not " + expected);
    }

    private static BigDecimal seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toSeconds()).add(BigDecimal.valueOf(duration.toNanosPart(), 9));
    }
}

package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.keys.SignatureAlgorithm;
import io.gatepost.policy.keys.VerificationKey;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.request.Credential;
import io.gatepost.policy.text.ShownValue;
import io.gatepost.policy.token.Providers.Candidate;
import io.gatepost.policy.token.Providers.Trusted;
import io.gatepost.policy.token.TokenExamination.Check;
import io.gatepost.policy.token.TokenExamination.Result;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the checks of {@link TokenVerifier} once more, all of them, and tells each. Not thread-safe. */
final class TokenExaminer {
    private static final List<String> STEPS = List.of("credential", "form", "provider", "key", "signature", "claims");

    private static final int MOST_LISTED = 20;

    private final Providers providers;
    private final int maxTokenLength;
    private final Instant now;
    private final Origin origin;
    private final List<Check> checks = new ArrayList<>();

    /** @param origin where the authentication is written */
    TokenExaminer(Providers providers, int maxTokenLength, Instant now, Origin origin) {
        this.providers = providers;
        this.maxTokenLength = maxTokenLength;
        this.now = now;
        this.origin = origin;
    }

    TokenExamination examine(List<Credential> offered, TokenLocation location) {
        if (!isOne(offered, location)) {
            return told(Map.of());
        }
        try {
            Jws token = Jws.parse(offered.get(0).text());
            checks.add(Check.passed("form", "a signed JWT in compact form", "one, signed " + algorithm(token), origin));
            examine(token);
            return told(token.claims());
        } catch (RejectedTokenException e) {
            String expected = e.reason() == DenyReason.ALGORITHM_NOT_ALLOWED
                    ? "an asymmetric signature algorithm in the header's `alg`"
                    : "a signed JWT in compact form";
            checks.add(Check.failed("form", e.reason(), expected, String.valueOf(e.getMessage()), origin));
            return told(Map.of());
        }
    }

    private TokenExamination told(Map<String, @Nullable Object> claims) {
        List<String> made = checks.stream().map(Check::name).toList();
        if (!made.contains("signature")) {
            STEPS.stream()
                    .filter(step -> !made.contains(step))
                    .forEach(step -> checks.add(new Check(step, Result.NOT_MADE, null, "", "not looked at", origin)));
        }
        return new TokenExamination(checks, claims);
    }

    private boolean isOne(List<Credential> offered, TokenLocation location) {
        String expected = "one token in " + described(location);
        if (offered.size() != 1) {
            DenyReason reason = offered.isEmpty() ? DenyReason.TOKEN_MISSING : DenyReason.CREDENTIAL_AMBIGUOUS;
            String found = offered.isEmpty() ? "none" : offered.size() + " credentials";
            checks.add(Check.failed("credential", reason, expected, found, origin));
            return false;
        }
        int length = offered.get(0).length();
        if (length > maxTokenLength) {
            String most = expected + " of at most " + maxTokenLength + " characters";
            checks.add(Check.failed("credential", DenyReason.TOKEN_MALFORMED, most, "one of " + length, origin));
            return false;
        }
        checks.add(Check.passed("credential", expected, "one", origin));
        return true;
    }

    private static String described(TokenLocation location) {
        return location.fold(
                TokenExaminer::described,
                parameter -> "the query parameter `" + parameter.name() + "`",
                cookie -> "the cookie `" + cookie.name() + "`",
                computed -> "what the `location` computes");
    }

    private static String described(TokenLocation.Header header) {
        String prefix =
                header.prefix() == null ? "" : " behind `" + header.prefix().strip() + "`";
        return "the header `" + header.name() + "`" + prefix;
    }

    private void examine(Jws token) {
        List<Trusted> issuers;
        String expected = "`iss` is " + providers.issuers().stream().collect(Collectors.joining("` or `", "`", "`"));
        String found = "`iss` is " + ShownValue.orAbsent(token.claims().get("iss"));
        try {
            issuers = providers.trusted(token.claims());
        } catch (RejectedTokenException e) {
            checks.add(Check.failed("provider", e.reason(), expected, found, origin));
            return;
        }
        Origin at = issuers.get(0).provider().rules().provider().origin();
        checks.add(Check.passed("provider", expected, found, at));
        try {
            examine(token, Providers.candidates(token, issuers));
        } catch (RejectedTokenException e) {
            checks.add(withoutKey(e, token, issuers, at));
        }
    }

    private static Check withoutKey(RejectedTokenException e, Jws token, List<Trusted> issuers, Origin at) {
        String expected = token.keyId() == null
                ? "no `kid`, so exactly one key for " + algorithm(token)
                : "key " + ShownValue.orAbsent(token.keyId()) + " by `kid`, for " + algorithm(token);
        boolean unread = issuers.stream().anyMatch(issuer -> issuer.read().keys() == null);
        return unread && e.reason() == DenyReason.KEY_UNKNOWN
                ? Check.failed("key", DenyReason.KEYS_UNAVAILABLE, expected, "keys that could not be read yet", at)
                : Check.failed("key", e.reason(), expected, keys(issuers), at);
    }

    private static String keys(List<Trusted> issuers) {
        String all = listed(issuers.stream()
                .flatMap(issuer -> keysOf(issuer.read()))
                .map(TokenExaminer::named)
                .distinct()
                .toList());
        List<String> unusable = issuers.stream()
                .flatMap(
                        issuer -> issuer.read().keys() == null ? Stream.of() : issuer.read().keys().warnings().stream())
                .distinct()
                .limit(MOST_LISTED)
                .toList();
        return (all.isEmpty() ? "no key" : all)
                + unusable.stream().map(warning -> "; " + warning).collect(Collectors.joining());
    }

    private static String listed(List<String> names) {
        int more = names.size() - MOST_LISTED;
        String first = names.stream().limit(MOST_LISTED).collect(Collectors.joining(", "));
        return more > 0 ? first + " and " + more + " more" : first;
    }

    private static Stream<VerificationKey> keysOf(Grounds.Read read) {
        return read.keys() == null ? Stream.of() : read.keys().keys().stream();
    }

    private static String named(VerificationKey key) {
        String algorithms = key.algorithms().stream()
                .sorted()
                .map(SignatureAlgorithm::header)
                .collect(Collectors.joining("/"));
        return (key.id() == null ? "a key without `kid`" : "key " + ShownValue.orAbsent(key.id())) + " for "
                + algorithms;
    }

    /** By the candidate that passes all, else by the first whose key signed it, else by the first. */
    private void examine(Jws token, List<Candidate> candidates) {
        List<Check> told = List.of();
        for (Candidate candidate : candidates) {
            List<Check> found = checks(token, candidate);
            if (found.stream().noneMatch(check -> check.result() == Result.FAILED)) {
                checks.addAll(found);
                return;
            }
            told = told.isEmpty() || isSignedByOther(told) ? found : told;
        }
        checks.addAll(told);
    }

    private static boolean isSignedByOther(List<Check> found) {
        return found.stream().anyMatch(check -> check.reason() == DenyReason.SIGNATURE_INVALID);
    }

    private List<Check> checks(Jws token, Candidate candidate) {
        ClaimRules rules = candidate.provider().rules();
        Origin at = rules.provider().origin();
        List<Check> found = new ArrayList<>();
        String chosen = token.keyId() == null ? "without a `kid`, the only key that fits" : "by `kid`";
        found.add(Check.passed("key", "a key for " + algorithm(token), named(candidate.key()) + ", " + chosen, at));
        String expected = "the key's signature";
        found.add(
                token.isSignedWith(candidate.key().key())
                        ? Check.passed("signature", expected, "the key's", at)
                        : Check.failed("signature", DenyReason.SIGNATURE_INVALID, expected, "another one", at));
        found.addAll(rules.examine(token.type(), token.claims(), now));
        return found;
    }

    private static String algorithm(Jws token) {
        return token.algorithm().header();
    }
}

package io.gatepost.policy;

import io.gatepost.policy.model.Diagnostic;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Judges a credential: provider by {@code iss} (RFC 8725 section 3.8), key by {@code kid}, signature (RFC 7515 section
 * 5.2), claims (RFC 7519 section 4.1). Thread-safe.
 */
final class TokenVerifier {
    private final List<Provider> providers;
    private final Clock clock;

    private TokenVerifier(List<Provider> providers, Clock clock) {
        this.providers = List.copyOf(providers);
        this.clock = clock;
    }

    static TokenVerifier of(@Nullable JwtAuthentication jwt, Clock clock, List<Diagnostic> found) {
        List<Provider> providers = new ArrayList<>();
        if (jwt != null) {
            for (JwtProvider provider : jwt.providers()) {
                providers.add(new Provider(provider.issuer(), new ClaimRules(provider), keys(provider, found)));
            }
        }
        return new TokenVerifier(providers, clock);
    }

    /** The keys of a provider; none, with the reasons added to {@code found}, where there are no usable ones. */
    private static KeySet keys(JwtProvider provider, List<Diagnostic> found) {
        JwksSource source = provider.jwks();
        if (!(source instanceof JwksSource.Inline inline)) {
            found.add(Diagnostic.error(source.origin(), "only inline keys are supported yet"));
            return new KeySet(List.of(), List.of());
        }
        try {
            KeySet keys = KeySet.parse(inline.text());
            keys.warnings().forEach(warning -> found.add(Diagnostic.warning(inline.origin(), warning)));
            if (keys.keys().isEmpty()) {
                found.add(Diagnostic.error(
                        inline.origin(), "the key set holds no key that can verify tokens; add a public signing key"));
            }
            return keys;
        } catch (InvalidKeySetException e) {
            found.add(Diagnostic.error(inline.origin(), String.valueOf(e.getMessage())));
            return new KeySet(List.of(), List.of());
        }
    }

    /** One issuer with its keys and demands. */
    private record Provider(String issuer, ClaimRules rules, KeySet keys) {}

    /** A key that a token may have been signed with, and the provider it belongs to. */
    private record Candidate(Provider provider, VerificationKey key) {}

    Verification verify(List<String> credentials) {
        if (credentials.isEmpty()) {
            return new Verification.NoToken("the request bears no token");
        }
        if (credentials.size() > 1) {
            return new Verification.Rejected(
                    DenyReason.CREDENTIAL_AMBIGUOUS, "the request has more than one credential");
        }
        try {
            return verify(Jws.parse(credentials.get(0)));
        } catch (RejectedTokenException e) {
            return new Verification.Rejected(e.reason(), String.valueOf(e.getMessage()));
        }
    }

    private Verification verify(Jws token) throws RejectedTokenException {
        List<Candidate> candidates = candidates(token, providersOf(token.claims()));
        RejectedTokenException refusal = null;
        for (Candidate candidate : candidates) {
            try {
                return verify(token, candidate);
            } catch (RejectedTokenException e) {
                refusal = refusal == null ? e : refusal;
            }
        }
        throw Objects.requireNonNull(refusal);
    }

    private Verification verify(Jws token, Candidate candidate) throws RejectedTokenException {
        VerificationKey key = candidate.key();
        if (!token.isSignedWith(key.key())) {
            throw new RejectedTokenException(DenyReason.SIGNATURE_INVALID, "the signature is not the key's");
        }
        Provider provider = candidate.provider();
        provider.rules().check(token.claims(), clock.instant());
        return new Verification.Verified(
                new VerifiedToken(provider.issuer(), key.id(), token.claims()),
                "a token of issuer `" + provider.issuer() + "` is valid by its "
                        + (key.id() == null ? "only key" : "key `" + key.id() + "`"));
    }

    /** The providers that a token's {@code iss} names; a list counts where it names one trusted issuer only. */
    private List<Provider> providersOf(Map<String, @Nullable Object> claims) throws RejectedTokenException {
        Object claim = claims.get("iss");
        List<?> names = claim instanceof List<?> several ? several : claim == null ? List.of() : List.of(claim);
        List<Provider> named = providers.stream()
                .filter(provider -> names.contains(provider.issuer()))
                .toList();
        if (named.stream().map(Provider::issuer).distinct().count() != 1) {
            throw new RejectedTokenException(
                    DenyReason.ISSUER_UNTRUSTED, "the token's `iss` is not exactly one of the providers' issuers");
        }
        return named;
    }

    private static List<Candidate> candidates(Jws token, List<Provider> providers) throws RejectedTokenException {
        List<Candidate> meant = new ArrayList<>();
        for (Provider provider : providers) {
            for (VerificationKey key : provider.keys().keys()) {
                if (token.keyId() == null || token.keyId().equals(key.id())) {
                    meant.add(new Candidate(provider, key));
                }
            }
        }
        if (meant.isEmpty()) {
            throw new RejectedTokenException(DenyReason.KEY_UNKNOWN, "no key of the issuer has the token's `kid`");
        }
        List<Candidate> fitting = meant.stream()
                .filter(candidate -> candidate.key().algorithms().contains(token.algorithm()))
                .toList();
        return token.keyId() == null ? onlyOne(fitting) : ofAlgorithm(fitting);
    }

    /** Without {@code kid} nothing is tried out: one key must fit (DESIGN's difference 2). */
    private static List<Candidate> onlyOne(List<Candidate> fitting) throws RejectedTokenException {
        if (fitting.stream().map(candidate -> candidate.key().key()).distinct().count() != 1) {
            throw new RejectedTokenException(
                    DenyReason.KEY_UNKNOWN,
                    "the token has no `kid`, and not exactly one key of the issuer fits its `alg`");
        }
        return fitting;
    }

    private static List<Candidate> ofAlgorithm(List<Candidate> fitting) throws RejectedTokenException {
        if (fitting.isEmpty()) {
            throw new RejectedTokenException(
                    DenyReason.ALGORITHM_NOT_ALLOWED, "the key that the token names does not allow its `alg`");
        }
        return fitting;
    }
}

package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.keys.KeySet;
import io.gatepost.policy.keys.KeySource;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.keys.SignatureAlgorithm;
import io.gatepost.policy.keys.VerificationKey;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The providers that are trusted, and which of their keys may have signed a token. Immutable.
 *
 * @param all the providers, in the order of the policy
 */
record Providers(List<Provider> all) {
    Providers {
        all = List.copyOf(all);
    }

    /** One issuer with its keys and demands. */
    record Provider(String issuer, ClaimRules rules, KeySource keys) {}

    /** A provider of a token's issuer, and its keys for the whole of one judgement. */
    record Trusted(Provider provider, Grounds.Read read) {}

    /** A key that a token may have been signed with, and the provider it belongs to. */
    record Candidate(Provider provider, VerificationKey key) {}

    static Providers of(@Nullable JwtAuthentication jwt, @Nullable KeySources sources, List<Diagnostic> found) {
        List<Provider> providers = new ArrayList<>();
        if (jwt != null) {
            for (JwtProvider provider : jwt.providers()) {
                KeySource keys = KeySource.of(provider, sources, found);
                providers.add(new Provider(provider.issuer(), new ClaimRules(provider), keys));
            }
        }
        return new Providers(providers);
    }

    List<String> issuers() {
        return all.stream().map(Provider::issuer).distinct().toList();
    }

    void close() {
        all.forEach(provider -> provider.keys().close());
    }

    /** The providers that a token's {@code iss} names; a list counts where it names one trusted issuer only. */
    List<Trusted> trusted(Map<String, @Nullable Object> claims) throws RejectedTokenException {
        Object claim = claims.get("iss");
        List<?> names = claim instanceof List<?> several ? several : claim == null ? List.of() : List.of(claim);
        List<Provider> named = all.stream()
                .filter(provider -> names.contains(provider.issuer()))
                .toList();
        if (!names.stream().allMatch(String.class::isInstance)
                || named.stream().map(Provider::issuer).distinct().count() != 1) {
            throw new RejectedTokenException(
                    DenyReason.ISSUER_UNTRUSTED, "the token's `iss` is not exactly one of the providers' issuers");
        }
        return named.stream()
                .map(provider -> new Trusted(provider, Grounds.Read.of(provider.keys())))
                .toList();
    }

    static List<Candidate> candidates(Jws token, List<Trusted> issuers) throws RejectedTokenException {
        String id = token.keyId();
        return id == null
                ? onlyOne(candidates(issuers, keys -> keys.fitting(token.algorithm())))
                : ofAlgorithm(token.algorithm(), candidates(issuers, keys -> keys.named(id)));
    }

    private static List<Candidate> candidates(List<Trusted> issuers, Function<KeySet, List<VerificationKey>> choice) {
        List<Candidate> candidates = new ArrayList<>();
        for (Trusted issuer : issuers) {
            KeySet keys = issuer.read().keys();
            for (VerificationKey key : keys == null ? List.<VerificationKey>of() : choice.apply(keys)) {
                candidates.add(new Candidate(issuer.provider(), key));
            }
        }
        return candidates;
    }

    /** Without {@code kid} nothing is tried out: one key must fit. */
    private static List<Candidate> onlyOne(List<Candidate> fitting) throws RejectedTokenException {
        if (fitting.stream().map(candidate -> candidate.key().key()).distinct().count() != 1) {
            throw new RejectedTokenException(
                    DenyReason.KEY_UNKNOWN,
                    "the token has no `kid`, and not exactly one key of the issuer fits its `alg`");
        }
        return fitting;
    }

    private static List<Candidate> ofAlgorithm(SignatureAlgorithm algorithm, List<Candidate> named)
            throws RejectedTokenException {
        if (named.isEmpty()) {
            throw new RejectedTokenException(DenyReason.KEY_UNKNOWN, "no key of the issuer has the token's `kid`");
        }
        List<Candidate> fitting = named.stream()
                .filter(candidate -> candidate.key().algorithms().contains(algorithm))
                .toList();
        if (fitting.isEmpty()) {
            throw new RejectedTokenException(
                    DenyReason.ALGORITHM_NOT_ALLOWED, "the key that the token names does not allow its `alg`");
        }
        return fitting;
    }
}

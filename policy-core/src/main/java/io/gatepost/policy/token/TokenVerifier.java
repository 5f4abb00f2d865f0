package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.keys.KeySet;
import io.gatepost.policy.keys.KeySource;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.keys.SignatureAlgorithm;
import io.gatepost.policy.keys.VerificationKey;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Judges a credential: provider by {@code iss} (RFC 8725 section 3.8), key by {@code kid}, signature (RFC 7515 section
 * 5.2), claims (RFC 7519 section 4.1). Thread-safe.
 */
public final class TokenVerifier implements AutoCloseable {
    /** A reading under way may have begun before the key was made; the one after it cannot have. */
    private static final int MAX_ARRIVALS = 2;

    private final List<Provider> providers;
    private final Clock clock;
    private final int maxTokenLength;
    private final @Nullable TokenCache cache;
    private final SignatureCosts costs = new SignatureCosts();
    private final AtomicBoolean closed = new AtomicBoolean();

    private TokenVerifier(List<Provider> providers, Settings settings) {
        this.providers = List.copyOf(providers);
        clock = settings.clock();
        maxTokenLength = settings.maxTokenLength();
        cache = settings.cachedTokens() == 0 ? null : new TokenCache(settings.cachedTokens(), clock);
    }

    /**
     * What holds for all providers.
     *
     * @param clock what {@code exp} and {@code nbf} are compared with
     * @param maxTokenLength how many characters a token may have, positive
     * @param cachedTokens how many tokens are remembered; 0: none
     */
    public record Settings(Clock clock, int maxTokenLength, int cachedTokens) {}

    /**
     * A verifier for what a policy demands. Starts reading the keys that are not written there.
     *
     * @param jwt the demand; null: every token's issuer is unknown
     * @param settings what holds for all providers
     * @param sources what reads keys from outside the policy; null where nothing does
     * @param found takes in what is wrong with the keys, and warnings; with an error among it the verifier is of no use
     *     but to be closed
     * @return a verifier to close at the end
     */
    public static TokenVerifier of(
            @Nullable JwtAuthentication jwt, Settings settings, @Nullable KeySources sources, List<Diagnostic> found) {
        List<Provider> providers = new ArrayList<>();
        if (jwt != null) {
            for (JwtProvider provider : jwt.providers()) {
                KeySource keys = KeySource.of(provider, sources, found);
                providers.add(new Provider(provider.issuer(), new ClaimRules(provider), keys));
            }
        }
        return new TokenVerifier(providers, settings);
    }

    /** Gives back the sources of keys, and forgets tokens. Judging goes on with the keys last read. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        providers.forEach(provider -> provider.keys().close());
        if (cache != null) {
            cache.clear();
        }
    }

    /**
     * How the cache of verified tokens fares.
     *
     * @return the counts as they are now
     */
    public TokenCacheState cacheState() {
        return cache == null ? TokenCacheState.NONE : cache.state();
    }

    int maxTokenLength() {
        return maxTokenLength;
    }

    /**
     * The issuers that are trusted.
     *
     * @return each once, in the order of the policy
     */
    public List<String> issuers() {
        return providers.stream().map(Provider::issuer).distinct().toList();
    }

    /**
     * Makes every check of a credential and tells each, by the keys that are at hand. Decides nothing, waits for
     * nothing.
     *
     * @param credentials what was offered
     * @param location where it was looked for
     * @param origin where the demand of a token is written
     * @return the checks; none where no issuer is trusted
     */
    public TokenExamination examine(List<String> credentials, TokenLocation location, Origin origin) {
        return providers.isEmpty()
                ? new TokenExamination(List.of(), Map.of())
                : new TokenExaminer(this, clock.instant(), origin).examine(credentials, location);
    }

    /** One issuer with its keys and demands. */
    record Provider(String issuer, ClaimRules rules, KeySource keys) {}

    /** A provider of a token's issuer, and its keys for the whole of one judgement. */
    record Trusted(Provider provider, Grounds.Read read) {}

    /** A key that a token may have been signed with, and the provider it belongs to. */
    record Candidate(Provider provider, VerificationKey key) {}

    /**
     * Judges what a request offers: none, one, or several credentials. At once, but for a token whose key may be on its
     * way, or that is just being verified, or whose signature had better be checked elsewhere.
     *
     * @param credentials what was offered
     * @param elsewhere where signatures are checked that take longer than to hand them over; null: by the caller
     * @return what was found; never fails but for a fault of ours
     */
    public CompletableFuture<Verification> verify(List<String> credentials, @Nullable Executor elsewhere) {
        Verification unusable = unusable(credentials);
        if (unusable != null) {
            return CompletableFuture.completedFuture(unusable);
        }
        String token = credentials.get(0);
        return cache == null ? verify(token, elsewhere) : cache.get(token, () -> verify(token, elsewhere));
    }

    private @Nullable Verification unusable(List<String> credentials) {
        if (credentials.isEmpty()) {
            return new Verification.NoToken("the request bears no token");
        }
        if (credentials.size() > 1) {
            return new Verification.Rejected(
                    DenyReason.CREDENTIAL_AMBIGUOUS, "the request has more than one credential", null);
        }
        return credentials.get(0).length() <= maxTokenLength
                ? null
                : new Verification.Rejected(
                        DenyReason.TOKEN_MALFORMED,
                        "the credential is longer than " + maxTokenLength + " characters",
                        null);
    }

    private CompletableFuture<Verification> verify(String text, @Nullable Executor elsewhere) {
        Jws token;
        try {
            token = Jws.parse(text);
        } catch (RejectedTokenException e) {
            return CompletableFuture.completedFuture(rejected(e, null));
        }
        return elsewhere != null && costs.exceedAHop(token.algorithm())
                ? handOver(token, elsewhere)
                : withKeys(token, judge(token), MAX_ARRIVALS);
    }

    private CompletableFuture<Verification> handOver(Jws token, Executor elsewhere) {
        try {
            return CompletableFuture.supplyAsync(() -> judge(token), elsewhere)
                    .thenCompose(found -> withKeys(token, found, MAX_ARRIVALS));
        } catch (RejectedExecutionException full) {
            return CompletableFuture.completedFuture(new Verification.Rejected(
                    DenyReason.OVERLOADED, "more new tokens come than can be verified", null));
        }
    }

    /** What was found, or what is once the keys are there that it may take. */
    private CompletableFuture<Verification> withKeys(Jws token, Verification found, int arrivals) {
        return arrivals > 0 && found instanceof Verification.KeyAwaited awaited
                ? awaited.arrival().thenCompose(arrived -> withKeys(token, judge(token), arrivals - 1))
                : CompletableFuture.completedFuture(found);
    }

    private Verification judge(Jws token) {
        try {
            return verify(token);
        } catch (RejectedTokenException e) {
            return rejected(e, null);
        }
    }

    private static Verification.Rejected rejected(RejectedTokenException e, @Nullable String provider) {
        return new Verification.Rejected(e.reason(), String.valueOf(e.getMessage()), provider);
    }

    private Verification verify(Jws token) throws RejectedTokenException {
        List<Trusted> issuers = providersOf(token.claims());
        try {
            return verify(token, issuers, candidates(token, issuers));
        } catch (RejectedTokenException e) {
            String issuer = issuers.get(0).provider().issuer();
            return e.reason() == DenyReason.KEY_UNKNOWN
                    ? withoutKey(token, rejected(e, issuer), issuers)
                    : rejected(e, issuer);
        }
    }

    /** Newer keys may hold the one that is missing; keys that were never read are not the token's fault. */
    private static Verification withoutKey(Jws token, Verification.Rejected unknown, List<Trusted> issuers) {
        boolean unread = issuers.stream().anyMatch(issuer -> issuer.read().keys() == null);
        Verification.Rejected otherwise = unread
                ? new Verification.Rejected(
                        DenyReason.KEYS_UNAVAILABLE, "the issuer's keys could not be read yet", unknown.provider())
                : unknown;
        CompletableFuture<?>[] arrivals = issuers.stream()
                .map(issuer -> issuer.read().source().arrival(token.keyId()))
                .filter(Objects::nonNull)
                .toArray(CompletableFuture<?>[]::new);
        // Newer keys that came since they were looked through are worth a second look, at once.
        boolean arrived = !issuers.stream().allMatch(issuer -> issuer.read().isCurrent());
        return arrivals.length == 0 && !arrived
                ? otherwise
                : new Verification.KeyAwaited(otherwise, CompletableFuture.allOf(arrivals));
    }

    /** By the first key that the token could mean and that it passes; else the refusal by the key that signed it. */
    private Verification verify(Jws token, List<Trusted> issuers, List<Candidate> candidates)
            throws RejectedTokenException {
        RejectedTokenException refusal = null;
        for (Candidate candidate : candidates) {
            try {
                return verify(token, issuers, candidate);
            } catch (RejectedTokenException e) {
                boolean lessTelling = refusal == null || refusal.reason() == DenyReason.SIGNATURE_INVALID;
                refusal = lessTelling ? e : refusal;
            }
        }
        throw Objects.requireNonNull(refusal);
    }

    private Verification verify(Jws token, List<Trusted> issuers, Candidate candidate) throws RejectedTokenException {
        VerificationKey key = candidate.key();
        long start = System.nanoTime();
        boolean signed = token.isSignedWith(key.key());
        costs.took(token.algorithm(), System.nanoTime() - start);
        if (!signed) {
            throw new RejectedTokenException(DenyReason.SIGNATURE_INVALID, "the signature is not the key's");
        }
        Provider provider = candidate.provider();
        Grounds.Period period = provider.rules().check(token.type(), token.claims(), clock.instant());
        return new Verification.Verified(
                new VerifiedToken(provider.issuer(), key.id(), token.claims()),
                "a token of issuer `" + provider.issuer() + "` is valid by its "
                        + (key.id() == null ? "only key" : "key `" + key.id() + "`"),
                new Grounds(period, issuers.stream().map(Trusted::read).toList()),
                new TokenOutcomes());
    }

    /** The providers that a token's {@code iss} names; a list counts where it names one trusted issuer only. */
    List<Trusted> providersOf(Map<String, @Nullable Object> claims) throws RejectedTokenException {
        Object claim = claims.get("iss");
        List<?> names = claim instanceof List<?> several ? several : claim == null ? List.of() : List.of(claim);
        List<Provider> named = providers.stream()
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

    /** Without {@code kid} nothing is tried out: one key must fit (DESIGN's difference 2). */
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

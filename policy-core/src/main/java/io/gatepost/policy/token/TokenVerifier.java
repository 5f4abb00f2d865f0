package io.gatepost.policy.token;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.keys.VerificationKey;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.request.Credential;
import io.gatepost.policy.token.Providers.Candidate;
import io.gatepost.policy.token.Providers.Trusted;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Judges a credential: provider by {@code iss} (RFC 8725 section 3.8), key by {@code kid}, signature (RFC 7515 section
 * 5.2), claims (RFC 7519 section 4.1). Thread-safe.
 */
public final class TokenVerifier implements AutoCloseable {
    /** A reading under way may have begun before the key was made; the one after it cannot have. */
    private static final int MAX_ARRIVALS = 2;

    private final Providers providers;
    private final Clock clock;
    private final int maxTokenLength;
    private final @Nullable TokenCache cache;
    private final SignatureCosts costs = new SignatureCosts();
    private final AtomicBoolean closed = new AtomicBoolean();

    private TokenVerifier(Providers providers, Settings settings) {
        this.providers = providers;
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
        return new TokenVerifier(Providers.of(jwt, sources, found), settings);
    }

    /** Gives back the sources of keys, and forgets tokens. Judging goes on with the keys last read. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        providers.close();
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

    /**
     * Makes every check of a credential and tells each, by the keys that are at hand. Decides nothing, waits for
     * nothing.
     *
     * @param credentials what was offered
     * @param location where it was looked for
     * @param origin where the demand of a token is written
     * @return the checks; none where no issuer is trusted
     */
    public TokenExamination examine(List<Credential> credentials, TokenLocation location, Origin origin) {
        return providers.all().isEmpty()
                ? TokenExamination.NONE
                : new TokenExaminer(providers, maxTokenLength, clock.instant(), origin).examine(credentials, location);
    }

    /**
     * Judges what a request offers: none, one, or several credentials. At once, but for a token whose key may be on its
     * way, or that is just being verified, or whose signature had better be checked elsewhere: those are
     * {@link Unfinished}.
     *
     * @param credentials what was offered
     * @param elsewhere where signatures are checked that take longer than to hand them over; null: by the caller
     * @return what was found
     */
    public Verification verify(List<Credential> credentials, @Nullable Executor elsewhere) {
        Verification unusable = unusable(credentials);
        if (unusable != null) {
            return unusable;
        }
        Credential token = credentials.get(0);
        if (cache == null) {
            return verify(token, elsewhere);
        }
        TokenDigest key = TokenDigest.of(token);
        Verification known = cache.known(key);
        return known == null ? cache.verify(key, token.length(), () -> verify(token, elsewhere)) : known;
    }

    private @Nullable Verification unusable(List<Credential> credentials) {
        if (credentials.isEmpty()) {
            return NoToken.FOUND;
        }
        if (credentials.size() > 1) {
            return new RejectedToken(DenyReason.CREDENTIAL_AMBIGUOUS, "the request has more than one credential", null);
        }
        return credentials.get(0).length() <= maxTokenLength
                ? null
                : new RejectedToken(
                        DenyReason.TOKEN_MALFORMED,
                        "the credential is longer than " + maxTokenLength + " characters",
                        null);
    }

    private Verification verify(Credential credential, @Nullable Executor elsewhere) {
        Jws token;
        try {
            token = Jws.parse(credential.text());
        } catch (RejectedTokenException e) {
            return rejected(e, null);
        }
        return elsewhere != null && costs.exceedAHop(token.algorithm())
                ? handOver(token, elsewhere)
                : withKeys(token, judge(token), MAX_ARRIVALS);
    }

    private Verification handOver(Jws token, Executor elsewhere) {
        try {
            return new Unfinished(CompletableFuture.supplyAsync(() -> judge(token), elsewhere)
                    .thenCompose(found -> end(withKeys(token, found, MAX_ARRIVALS))));
        } catch (RejectedExecutionException full) {
            return new RejectedToken(DenyReason.OVERLOADED, "more new tokens come than can be verified", null);
        }
    }

    /** What was found, or what is once the keys are there that it may take. */
    private Verification withKeys(Jws token, Verification found, int arrivals) {
        return arrivals > 0 && found instanceof AwaitedKey awaited
                ? new Unfinished(
                        awaited.arrival().thenCompose(arrived -> end(withKeys(token, judge(token), arrivals - 1))))
                : found;
    }

    private static CompletableFuture<Verification> end(Verification found) {
        return found instanceof Unfinished unfinished ? unfinished.end() : CompletableFuture.completedFuture(found);
    }

    private Verification judge(Jws token) {
        try {
            return verify(token);
        } catch (RejectedTokenException e) {
            return rejected(e, null);
        }
    }

    private static RejectedToken rejected(RejectedTokenException e, @Nullable String provider) {
        return new RejectedToken(e.reason(), String.valueOf(e.getMessage()), provider);
    }

    private Verification verify(Jws token) throws RejectedTokenException {
        List<Trusted> issuers = providers.trusted(token.claims());
        try {
            return verify(token, issuers, Providers.candidates(token, issuers));
        } catch (RejectedTokenException e) {
            String issuer = issuers.get(0).provider().issuer();
            return e.reason() == DenyReason.KEY_UNKNOWN
                    ? withoutKey(token, rejected(e, issuer), issuers)
                    : rejected(e, issuer);
        }
    }

    /** Newer keys may hold the one that is missing; keys that were never read are not the token's fault. */
    private static Verification withoutKey(Jws token, RejectedToken unknown, List<Trusted> issuers) {
        boolean unread = issuers.stream().anyMatch(issuer -> issuer.read().keys() == null);
        RejectedToken otherwise = unread
                ? new RejectedToken(
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
                : new AwaitedKey(otherwise, CompletableFuture.allOf(arrivals));
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
        Providers.Provider provider = candidate.provider();
        Grounds.Period period = provider.rules().check(token.type(), token.claims(), clock.instant());
        return new GoodToken(
                new VerifiedToken(provider.issuer(), key.id(), token.claims()),
                "a token of issuer `" + provider.issuer() + "` is valid by its "
                        + (key.id() == null ? "only key" : "key `" + key.id() + "`"),
                new Grounds(period, issuers.stream().map(Trusted::read).toList()),
                new TokenOutcomes());
    }
}

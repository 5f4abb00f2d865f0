package io.gatepost.policy.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that were found good, by the SHA-256 of their text, which itself is not kept. Of bad tokens nothing is
 * remembered: who sends them can't fill it. While a token is being verified, others who bring the same one wait for
 * that. Thread-safe.
 */
final class TokenCache {
    /** What counts as one token; a longer one counts as several, since its claims take the room of several. */
    private static final int TOKEN_LENGTH = 1024;

    private final Cache<TokenDigest, Entry> verified;
    private final ConcurrentMap<TokenDigest, CompletableFuture<Verification>> underWay = new ConcurrentHashMap<>();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final Clock clock;

    /** A cache for that many tokens of up to 1,024 characters. */
    TokenCache(int tokens, Clock clock) {
        this.clock = clock;
        verified = Caffeine.newBuilder()
                .maximumWeight(tokens)
                .weigher((TokenDigest key, Entry entry) -> entry.weight())
                .expireAfter(Expiry.creating((TokenDigest key, Entry entry) ->
                        entry.verified().grounds().timeLeft(clock.instant())))
                // What there is to tidy up is little: not worth a thread of somebody else's pool.
                .executor(Runnable::run)
                .build();
    }

    private record Entry(GoodToken verified, int weight) {}

    /** The judgement of a token as it is remembered; null for one that has to be verified. */
    @Nullable
    Verification known(TokenDigest key) {
        Verification known = remembered(key);
        (known == null ? misses : hits).increment();
        return known;
    }

    /** The judgement of a token that is not {@link #known}: of the verification under way, or anew. */
    Verification verify(TokenDigest key, int length, Supplier<Verification> anew) {
        CompletableFuture<Verification> mine = new CompletableFuture<>();
        CompletableFuture<Verification> theirs = underWay.putIfAbsent(key, mine);
        return theirs == null ? verify(key, 1 + length / TOKEN_LENGTH, mine, anew) : new Unfinished(theirs);
    }

    private @Nullable Verification remembered(TokenDigest key) {
        Entry entry = verified.getIfPresent(key);
        return entry != null && entry.verified().grounds().hold(clock.instant()) ? entry.verified() : null;
    }

    /** Whoever waits for the end gets what is answered here. */
    private Verification verify(
            TokenDigest key, int weight, CompletableFuture<Verification> end, Supplier<Verification> anew) {
        try {
            // Whoever verified it a moment ago remembered it before leaving.
            Verification known = remembered(key);
            Verification found = known == null ? anew.get() : known;
            if (found instanceof Unfinished unfinished) {
                CompletableFuture<Verification> unused = unfinished
                        .end()
                        .whenComplete((verification, bug) -> finish(key, weight, end, verification, bug));
                return new Unfinished(end);
            }
            finish(key, weight, end, found, null);
            return found;
        } catch (RuntimeException | Error bug) {
            finish(key, weight, end, null, bug);
            throw bug;
        }
    }

    private void finish(
            TokenDigest key,
            int weight,
            CompletableFuture<Verification> end,
            @Nullable Verification verification,
            @Nullable Throwable bug) {
        if (verification instanceof GoodToken good) {
            verified.put(key, new Entry(good, weight));
        }
        underWay.remove(key);
        if (verification == null) {
            end.completeExceptionally(bug == null ? new IllegalStateException("no verification") : bug);
        } else {
            end.complete(verification);
        }
    }

    TokenCacheState state() {
        return new TokenCacheState(hits.sum(), misses.sum(), verified.estimatedSize());
    }

    /** Forgets all. */
    void clear() {
        verified.invalidateAll();
    }
}

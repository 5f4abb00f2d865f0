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

    private record Entry(Verification.Verified verified, int weight) {}

    /** The judgement of a token: as remembered, of the verification under way, or anew. */
    CompletableFuture<Verification> get(String token, Supplier<CompletableFuture<Verification>> anew) {
        TokenDigest key = TokenDigest.of(token);
        Verification known = remembered(key);
        if (known != null) {
            hits.increment();
            return CompletableFuture.completedFuture(known);
        }
        misses.increment();
        CompletableFuture<Verification> mine = new CompletableFuture<>();
        CompletableFuture<Verification> theirs = underWay.putIfAbsent(key, mine);
        return theirs == null ? verify(key, 1 + token.length() / TOKEN_LENGTH, mine, anew) : theirs;
    }

    private @Nullable Verification remembered(TokenDigest key) {
        Entry entry = verified.getIfPresent(key);
        return entry != null && entry.verified().grounds().hold(clock.instant()) ? entry.verified() : null;
    }

    private CompletableFuture<Verification> verify(
            TokenDigest key,
            int weight,
            CompletableFuture<Verification> end,
            Supplier<CompletableFuture<Verification>> anew) {
        try {
            // Whoever verified it a moment ago remembered it before leaving.
            Verification known = remembered(key);
            CompletableFuture<Verification> verdict =
                    known == null ? anew.get() : CompletableFuture.completedFuture(known);
            CompletableFuture<Verification> unused = verdict.whenComplete((verification, bug) -> {
                if (verification instanceof Verification.Verified good) {
                    verified.put(key, new Entry(good, weight));
                }
                complete(key, end, verification, bug);
            });
        } catch (RuntimeException | Error bug) {
            complete(key, end, null, bug);
        }
        return end;
    }

    private void complete(
            TokenDigest key,
            CompletableFuture<Verification> end,
            @Nullable Verification verification,
            @Nullable Throwable bug) {
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

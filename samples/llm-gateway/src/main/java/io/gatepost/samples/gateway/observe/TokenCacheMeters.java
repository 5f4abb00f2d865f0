package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.token.TokenCacheState;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** What the memories of verified tokens spare, over all configurations since the start. Thread-safe. */
final class TokenCacheMeters {
    private Supplier<TokenCacheState> served = () -> new TokenCacheState(0, 0, 0);
    private long earlierHits;
    private long earlierMisses;

    TokenCacheMeters(MeterRegistry registry) {
        counter(registry, "hit", TokenCacheMeters::hits);
        counter(registry, "miss", TokenCacheMeters::misses);
        Gauge.builder("gatepost.token.cache.size", this, TokenCacheMeters::size)
                .description("verified tokens that are remembered now, about")
                .register(registry);
    }

    private void counter(MeterRegistry registry, String result, ToDoubleFunction<TokenCacheMeters> of) {
        FunctionCounter.builder("gatepost.token.cache.lookups", this, of)
                .description("tokens by whether they were good by what is remembered")
                .tag("result", result)
                .register(registry);
    }

    /** From now on these are the caches; what the ones before counted stays counted. */
    synchronized void serve(Supplier<TokenCacheState> next) {
        TokenCacheState last = served.get();
        earlierHits += last.hits();
        earlierMisses += last.misses();
        served = next;
    }

    private synchronized double hits() {
        return earlierHits + served.get().hits();
    }

    private synchronized double misses() {
        return earlierMisses + served.get().misses();
    }

    private synchronized double size() {
        return served.get().size();
    }
}

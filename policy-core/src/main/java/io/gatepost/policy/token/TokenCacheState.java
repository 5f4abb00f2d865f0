package io.gatepost.policy.token;

/**
 * How an engine's memory of verified tokens fares, for metrics.
 *
 * @param hits how many tokens were good by what is remembered, since the engine was built
 * @param misses how many tokens had to be verified, or had to wait for the verification of the same one
 * @param size how many tokens are remembered now, about
 */
public record TokenCacheState(long hits, long misses, long size) {
    /** That of an engine that remembers none. */
    public static final TokenCacheState NONE = new TokenCacheState(0, 0, 0);

    /**
     * The counts of two memories together.
     *
     * @param other the other memory's counts
     * @return the sums
     */
    public TokenCacheState plus(TokenCacheState other) {
        return new TokenCacheState(hits + other.hits, misses + other.misses, size + other.size);
    }
}

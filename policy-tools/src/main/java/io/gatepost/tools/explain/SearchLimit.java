package io.gatepost.tools.explain;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long cures are looked for. Each single try ends by the engine's own bounds. Not thread-safe. */
final class SearchLimit {
    private final @Nullable Duration longest;
    private final long start = System.nanoTime();
    private boolean cut;

    private SearchLimit(@Nullable Duration longest) {
        this.longest = longest;
    }

    static SearchLimit within(@Nullable Duration longest) {
        return new SearchLimit(longest);
    }

    static SearchLimit unbounded() {
        return new SearchLimit(null);
    }

    /**
     * To be asked before each try.
     *
     * @throws Cut where the time is over
     */
    void goOn() {
        if (longest != null && System.nanoTime() - start >= longest.toNanos()) {
            cut = true;
            throw new Cut();
        }
    }

    /** Whether it ended before all was tried. */
    boolean isCut() {
        return cut;
    }

    /** Ends the search wherever it is; what was found until then counts. */
    static final class Cut extends RuntimeException {
        private static final long serialVersionUID = 1;

        private Cut() {
            super("the search took too long", null, false, false);
        }
    }
}

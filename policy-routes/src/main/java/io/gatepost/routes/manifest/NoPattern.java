package io.gatepost.routes.manifest;

import io.gatepost.policy.expression.PatternCompiler;

/**
 * Stands for a pattern that was not compiled: one that does not compile, which is an error of its document. Matches
 * nothing.
 *
 * @param text the pattern as it is written
 */
record NoPattern(String text) implements PatternCompiler.Pattern {
    @Override
    public boolean matches(String any) {
        return false;
    }

    @Override
    public long steps(int length) {
        return 0;
    }

    @Override
    public String toString() {
        return text;
    }
}

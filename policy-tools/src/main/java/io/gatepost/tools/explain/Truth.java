package io.gatepost.tools.explain;

/** What a condition comes to, as far as what it reads is known. */
enum Truth {
    TRUE,
    FALSE,
    ERROR,
    UNKNOWN;

    static Truth of(boolean holds) {
        return holds ? TRUE : FALSE;
    }

    Truth not() {
        return this == TRUE ? FALSE : this == FALSE ? TRUE : this;
    }
}

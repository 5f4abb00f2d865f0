package io.gatepost.policy.cel;

import dev.cel.common.CelOptions;

/** What an expression may be and what it may cost; beyond it is an error, so that a rule fails closed. */
final class Limits {
    /** Characters of an expression (reference section 4.1). */
    static final int EXPRESSION_LENGTH = 16_384;

    /** Levels of an expression's syntax tree. */
    static final int DEPTH = 100;

    /** Iterations of all comprehensions of one evaluation together. */
    static final int ITERATIONS = 20_000;

    /** Instructions of a regular expression, whether it stands in the expression or comes from data. */
    static final int REGEX_SIZE = 1_000;

    /** Characters, bytes or elements of one result. */
    static final int RESULT_SIZE = 4 * 1024 * 1024;

    /** Steps of one evaluation; a step is about what it takes to look at one node of the syntax tree. */
    static final long COST = 100_000;

    /** Characters that can be looked through, or copied, in one step. */
    static final int CHARACTERS_PER_STEP = 128;

    /** Elements of lists and maps that can be looked at in one step. */
    static final int ELEMENTS_PER_STEP = 2;

    /** Characters that can be searched in one step. */
    static final int SEARCHED_PER_STEP = 64;

    /** Characters that can be parsed, hashed or decoded in one step. */
    static final int PARSED_PER_STEP = 32;

    /** Characters times instructions that a regular expression can go through in one step. */
    static final int MATCHED_PER_STEP = 8;

    static final CelOptions OPTIONS = CelOptions.current()
            .maxExpressionCodePointSize(EXPRESSION_LENGTH)
            .maxParseRecursionDepth(DEPTH)
            .comprehensionMaxIterations(ITERATIONS)
            .maxRegexProgramSize(REGEX_SIZE)
            .enableOptionalSyntax(true)
            .populateMacroCalls(true)
            .enableHeterogeneousNumericComparisons(true)
            .build();

    private Limits() {}
}

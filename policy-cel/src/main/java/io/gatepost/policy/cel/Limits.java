package io.gatepost.policy.cel;

import dev.cel.common.CelOptions;
import io.gatepost.policy.expression.EvaluationContext;

/** What an expression may be and what it may cost; beyond it is an error, so that a rule fails closed. */
final class Limits {
    /** Characters of an expression (reference section 4.1). */
    static final int EXPRESSION_LENGTH = 16_384;

    /** Levels of an expression's syntax tree. */
    static final int DEPTH = 100;

    /** Iterations of all comprehensions of one evaluation together. */
    static final int ITERATIONS = 10_000;

    /** Instructions of a regular expression, whether it stands in the expression or comes from data. */
    static final int REGEX_SIZE = 1_000;

    /** Characters of a regular expression. */
    static final int REGEX_LENGTH = 4_096;

    /** Characters of ranges that a regular expression matches in any case. */
    static final int REGEX_FOLDED = 300_000;

    /** Steps that it takes to compile a class of Unicode's. */
    static final int REGEX_CLASS_COST = 100;

    /** Steps that it takes to compile the shortest regular expression. */
    static final int REGEX_COST = 20;

    /** Characters, bytes or elements of one result. */
    static final int RESULT_SIZE = 4 * 1024 * 1024;

    /**
     * Steps of all evaluations for one request; a step is about what it takes to look at one node of the syntax tree.
     */
    static final long COST = EvaluationContext.STEPS;

    /** Characters that can be looked through, or copied, in one step. */
    static final int CHARACTERS_PER_STEP = 512;

    /** Bytes that can be copied or compared in one step. */
    static final int BYTES_PER_STEP = 2_048;

    /** Elements of lists and maps that can be looked at in one step. */
    static final int ELEMENTS_PER_STEP = 2;

    /** Characters that can be searched in one step. */
    static final int SEARCHED_PER_STEP = 128;

    /** Characters that can be encoded one by one in one step. */
    static final int ENCODED_PER_STEP = 24;

    /** What is taken off the evaluator's hands when an operator such as {@code ||} goes on after an error. */
    static final int ERROR_COST = 24;

    /** What a function such as {@code timestamp}, {@code ip} or a digest takes beside its argument's length. */
    static final int FUNCTION_COST = 4;

    /** Characters that can be parsed, hashed or decoded in one step. */
    static final int PARSED_PER_STEP = 64;

    /** Characters times instructions that a regular expression can go through in one step. */
    static final int MATCHED_PER_STEP = 16;

    static final CelOptions OPTIONS = CelOptions.current()
            .maxExpressionCodePointSize(EXPRESSION_LENGTH)
            .maxParseRecursionDepth(DEPTH)
            .comprehensionMaxIterations(ITERATIONS)
            .maxRegexProgramSize(REGEX_SIZE)
            .enableOptionalSyntax(true)
            // An explanation shows a part as it was written.
            .populateMacroCalls(true)
            .enableHeterogeneousNumericComparisons(true)
            .build();

    private Limits() {}
}

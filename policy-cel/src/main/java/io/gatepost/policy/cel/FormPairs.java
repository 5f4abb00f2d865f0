package io.gatepost.policy.cel;

import java.util.ArrayList;
import java.util.List;

/** The pairs of form-encoded text, such as a query; each is charged for before the next one is looked for. */
final class FormPairs {
    private static final int PAIR_COST = 2;

    private FormPairs() {}

    /** The pairs as they are, empty ones too but for those at the end. */
    static List<String> of(String text, int from) {
        Evaluation.charge((text.length() - from) / CelLimits.SEARCHED_PER_STEP);
        List<String> pairs = new ArrayList<>();
        int filled = 0;
        for (int start = from; start < text.length(); ) {
            Evaluation.charge(PAIR_COST);
            int found = text.indexOf('&', start);
            int end = found < 0 ? text.length() : found;
            pairs.add(text.substring(start, end));
            filled = end > start ? pairs.size() : filled;
            start = end + 1;
        }
        return pairs.subList(0, filled);
    }

    static String name(String pair) {
        int equals = pair.indexOf('=');
        return decoded(equals < 0 ? pair : pair.substring(0, equals));
    }

    /** Empty where it has none. */
    static String value(String pair) {
        int equals = pair.indexOf('=');
        return equals < 0 ? "" : decoded(pair.substring(equals + 1));
    }

    private static String decoded(String text) {
        return EncodingFunctions.decodeUrl(text.replace('+', ' '));
    }
}

package io.gatepost.policy;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The model that a request to an LLM names. Rules judge the body's; an upstream may well take the one of the query or
 * of the path, as {@code /deployments/MODEL/chat/completions}, so these must not name another (DESIGN's difference 14).
 */
final class NamedModel {
    private static final Set<String> BEFORE_A_MODEL = Set.of("engines", "deployments", "models");

    private NamedModel() {}

    static boolean isContradicted(PolicyRequest request, Map<String, @Nullable Object> body) {
        return body.get("model") instanceof String model
                && !elsewhere(request).stream().allMatch(model::equals);
    }

    private static List<String> elsewhere(PolicyRequest request) {
        String query = request.query();
        List<String> models = new ArrayList<>();
        if (query != null) {
            // Some servers read a semicolon as the end of a pair.
            models.addAll(QueryPairs.values(query.replace(';', '&'), "model"));
        }
        String[] segments = request.path().split("/", -1);
        for (int i = 1; i < segments.length - 1; i++) {
            boolean asked = i + 2 < segments.length || segments[i + 1].contains(":");
            if (asked && BEFORE_A_MODEL.contains(segments[i])) {
                boolean last = i + 2 == segments.length;
                models.add(decoded(last ? withoutVerb(segments[i + 1]) : segments[i + 1]));
            }
        }
        return models;
    }

    /** A colon parts the model from what it is asked for, as in {@code /models/gemini-2.5-flash:generateContent}. */
    private static String withoutVerb(String segment) {
        return segment.substring(0, segment.lastIndexOf(':'));
    }

    private static String decoded(String segment) {
        return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}

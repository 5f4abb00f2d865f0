package io.gatepost.policy.request;

import io.gatepost.policy.PolicyRequest;
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
public final class NamedModel {
    /** The name of the model in bodies and queries. */
    static final String NAME = "model";

    private static final Set<String> BEFORE_A_MODEL = Set.of("engines", "deployments", "models");
    private static final Set<String> ASKS_NO_MODEL = Set.of("GET", "HEAD", "DELETE", "OPTIONS");

    private NamedModel() {}

    /** What in a request names another model than its body does; null where nothing does. */
    static @Nullable String contradiction(PolicyRequest request, Map<String, ?> body) {
        if (!isNamedOnce(body.keySet())) {
            return "the body names a model in another spelling than `model`";
        }
        return body.get(NAME) instanceof String model
                        && !inTarget(request.path(), request.query()).stream().allMatch(model::equals)
                ? "the query or the path names another model than the body"
                : null;
    }

    /**
     * Whether nothing but {@code model} could be read as the name of the model: some servers, such as those in Go, take
     * names of members in any case of letters.
     *
     * @param names the names of a body's members
     * @return false where another one differs in case only
     */
    public static boolean isNamedOnce(Iterable<String> names) {
        for (String name : names) {
            if (name.equalsIgnoreCase(NAME) && !name.equals(NAME)) {
                return false;
            }
        }
        return true;
    }

    /**
     * A query that names no other model.
     *
     * @param query a query; null for none
     * @param model the model
     * @return the query with that model wherever it names one
     */
    public static @Nullable String inQueryOf(@Nullable String query, String model) {
        return query == null ? null : QueryPairs.replaced(query, NAME, model);
    }

    /**
     * Whether a request asks for another model by its target.
     *
     * @param method the method
     * @param path the path, not decoded
     * @param query the query, not decoded; null for none
     * @param model the model
     * @return whether the path or the query names another one that is asked for something, not only asked about
     */
    public static boolean isOther(String method, String path, @Nullable String query, String model) {
        List<String> named = inQuery(query);
        if (!ASKS_NO_MODEL.contains(method)) {
            named.addAll(inPath(path));
        }
        return !named.stream().allMatch(model::equals);
    }

    /** A model's name that all readers read alike, whatever charset they take it to be in. */
    static String plainInForm(String model) throws RequestForm.MalformedException {
        boolean ascii = model.chars().allMatch(c -> c >= ' ' && c < 0x7f);
        if (!ascii || model.isEmpty() || !model.strip().equals(model)) {
            throw new RequestForm.MalformedException("expected a model of printable ASCII characters in a form");
        }
        return model;
    }

    private static List<String> inTarget(String path, @Nullable String query) {
        List<String> models = inQuery(query);
        models.addAll(inPath(path));
        return models;
    }

    private static List<String> inQuery(@Nullable String query) {
        // Some servers read a semicolon as the end of a pair.
        return new ArrayList<>(query == null ? List.of() : QueryPairs.valuesInAnyCase(query.replace(';', '&'), NAME));
    }

    private static List<String> inPath(String path) {
        List<String> models = new ArrayList<>();
        String[] segments = path.split("/", -1);
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

package io.gatepost.tools.explain;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads and writes what expressions call by paths such as {@code jwt.org.name} and {@code request.headers.x-team}. */
final class Paths {
    /** Stands for a value that is not there. */
    static final Object ABSENT = new Object();

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final String CLAIMS = "jwt.";
    private static final String HEADERS = "request.headers.";
    private static final String PARAMS = "llm.params.";
    private static final String ELEMENT = "[]";

    /** What servers set of a request beside what it says. */
    private static final Pattern FIELD =
            Pattern.compile("request\\.(version|startTime)|source\\.(?!address|rawAddress)\\w+");

    private Paths() {}

    /** The value, {@link #ABSENT} for none. */
    static @Nullable Object read(Scenario scenario, String path) {
        if (path.startsWith(CLAIMS)) {
            return scenario.claims() == null ? ABSENT : read(scenario.claims(), path.substring(CLAIMS.length()));
        }
        if (path.startsWith(HEADERS)) {
            List<String> values = scenario.request().headers(path.substring(HEADERS.length()));
            return values.isEmpty() ? ABSENT : values.get(0);
        }
        String member = bodyMember(path);
        return member == null ? readRequest(scenario.request(), path) : read(body(scenario.request()), member);
    }

    private static Object readRequest(ChangedRequest request, String path) {
        return switch (path) {
            case "request.method" -> request.method();
            case "request.scheme" -> request.scheme();
            case "request.host" -> request.host();
            case "request.path" -> request.path();
            case "request.pathAndQuery" -> target(request);
            case "request.uri" -> request.scheme() + "://" + request.host() + target(request);
            case "request.body" -> request.body() == null ? ABSENT : new String(request.body(), StandardCharsets.UTF_8);
            case "source.address", "source.rawAddress" -> request.sourceAddress();
            case "request.version" -> request.version();
            default -> field(request, path);
        };
    }

    private static Object field(ChangedRequest request, String path) {
        Object value = FIELD.matcher(path).matches() ? request.attribute(path) : null;
        return value == null ? ABSENT : value;
    }

    private static String target(ChangedRequest request) {
        return request.query() == null ? request.path() : request.path() + "?" + request.query();
    }

    private static @Nullable Object read(Map<?, ?> map, String path) {
        Object value = map;
        for (String step : path.split("\\.", -1)) {
            String name = step.endsWith(ELEMENT) ? step.substring(0, step.length() - 2) : step;
            if (!(value instanceof Map<?, ?> within) || !within.containsKey(name)) {
                return ABSENT;
            }
            value = within.get(name);
        }
        return value;
    }

    /** The member of the body that a path means; null for none. */
    static @Nullable String bodyMember(String path) {
        if (path.startsWith(PARAMS)) {
            return path.substring(PARAMS.length());
        }
        return path.equals("llm.requestModel") ? "model" : path.equals("llm.streaming") ? "stream" : null;
    }

    /** The scenario with another value there; null where that can't be. */
    static @Nullable Scenario write(Scenario scenario, String path, @Nullable Object value) {
        if (path.startsWith(CLAIMS)) {
            Map<String, @Nullable Object> claims = scenario.claims() == null ? Map.of() : scenario.claims();
            return scenario.withClaims(written(claims, steps(path.substring(CLAIMS.length())), value));
        }
        ChangedRequest changed = write(scenario.request(), path, value);
        return changed == null ? null : scenario.withRequest(changed);
    }

    private static @Nullable ChangedRequest write(ChangedRequest request, String path, @Nullable Object value) {
        String member = bodyMember(path);
        if (member != null) {
            return request.withBody(JSON.writeValueAsBytes(written(body(request), steps(member), value)));
        }
        if (path.startsWith(HEADERS) && (value == ABSENT || value instanceof String)) {
            String name = path.substring(HEADERS.length());
            return request.withHeader(name, value == ABSENT ? List.of() : List.of((String) value));
        }
        if (path.startsWith(HEADERS) && value instanceof List<?> several) {
            List<String> values = several.stream().map(String::valueOf).toList();
            return request.withHeader(path.substring(HEADERS.length()), values);
        }
        if (FIELD.matcher(path).matches()) {
            return value == null || value == ABSENT ? null : request.withAttribute(path, value);
        }
        return value instanceof String text ? writeText(request, path, text) : null;
    }

    private static @Nullable ChangedRequest writeText(ChangedRequest request, String path, String text) {
        return switch (path) {
            case "request.method" -> request.withMethod(text);
            case "request.scheme" -> request.withScheme(text);
            case "request.host" -> request.withHost(text);
            case "request.path" -> text.startsWith("/") ? request.withTarget(text, request.query()) : null;
            case "request.pathAndQuery" -> withTarget(request, text);
            case "request.uri" -> text.contains("://") ? withUri(request, text) : withTarget(request, text);
            case "request.body" -> request.withBody(text.getBytes(StandardCharsets.UTF_8));
            case "source.address", "source.rawAddress" -> request.withSource(text);
            default -> null;
        };
    }

    private static ChangedRequest withUri(ChangedRequest request, String uri) {
        String rest = uri.substring(uri.indexOf("://") + 3);
        int slash = rest.indexOf('/');
        ChangedRequest elsewhere = request.withScheme(uri.substring(0, uri.indexOf("://")))
                .withHost(slash < 0 ? rest : rest.substring(0, slash));
        ChangedRequest there = withTarget(elsewhere, slash < 0 ? "/" : rest.substring(slash));
        return there == null ? elsewhere : there;
    }

    private static @Nullable ChangedRequest withTarget(ChangedRequest request, String target) {
        int mark = target.indexOf('?');
        String path = mark < 0 ? target : target.substring(0, mark);
        return path.startsWith("/") ? request.withTarget(path, mark < 0 ? null : target.substring(mark + 1)) : null;
    }

    private static List<String> steps(String path) {
        return List.of(path.split("\\.", -1));
    }

    /** Of a list an element is added, or all are taken away. */
    private static Map<String, @Nullable Object> written(Map<?, ?> map, List<String> steps, @Nullable Object value) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach((name, old) -> copy.put(String.valueOf(name), old));
        String step = steps.get(0);
        List<String> rest = steps.subList(1, steps.size());
        if (step.endsWith(ELEMENT)) {
            String name = step.substring(0, step.length() - 2);
            copy.put(name, elements(copy.get(name), rest, value));
        } else if (!rest.isEmpty()) {
            copy.put(step, written(copy.get(step) instanceof Map<?, ?> inner ? inner : Map.of(), rest, value));
        } else if (value == ABSENT) {
            copy.remove(step);
        } else {
            copy.put(step, value);
        }
        return copy;
    }

    private static List<@Nullable Object> elements(@Nullable Object old, List<String> rest, @Nullable Object value) {
        List<@Nullable Object> list = new ArrayList<>();
        if (value != ABSENT) {
            list.addAll(old instanceof List<?> present ? present : List.of());
            list.add(rest.isEmpty() ? value : written(Map.of(), rest, value));
        }
        return list;
    }

    /** Whether there is a body that has no members, or one of them twice: rules can read none of it. */
    static boolean isBodyUnreadable(ChangedRequest request) {
        return request.body() != null && members(request.body()) == null;
    }

    private static Map<?, ?> body(ChangedRequest request) {
        Map<?, ?> members = request.body() == null ? null : members(request.body());
        return members == null ? Map.of() : members;
    }

    private static @Nullable Map<?, ?> members(byte[] body) {
        try {
            return JSON.readValue(body, Map.class);
        } catch (JacksonException notAnObject) {
            return null;
        }
    }
}

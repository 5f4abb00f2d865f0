package io.gatepost.testkit.explain;

import io.gatepost.testkit.explain.TokenCures.Start;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** How a request could say the same in one way only, where it was refused for saying it in two. */
final class RequestCures {
    private static final JsonMapper JSON = JsonMapper.shared();

    private RequestCures() {}

    static List<Start> of(World world, String problem) {
        ChangedRequest request = world.request();
        List<Start> starts = new ArrayList<>();
        String path = plain(request.path());
        if (!path.equals(request.path())) {
            starts.add(start(
                    world.withRequest(request.withTarget(path, request.query())),
                    "the path in its plain form, `" + path + "`: " + problem));
        }
        byte[] body = request.body();
        if (body != null) {
            addModels(world, starts);
            addWithoutDuplicates(world, body, starts);
        }
        return starts;
    }

    private static Start start(World world, String text) {
        return new Start(world, List.of(new Change(Change.Kind.REQUEST, "", text)));
    }

    /** Without dot segments, and what is left encoded as it must be. */
    private static String plain(String path) {
        String decoded = path.replaceAll("(?i)%2e", ".").replaceAll("%(?![0-9a-fA-F]{2})", "%25");
        decoded = decoded.replaceAll("[\\\\]|(?i)%5c", "/").replaceAll("(?i)%[01][0-9a-f]|%7f|[^\\x21-\\x7e]|#", "");
        Deque<String> kept = new ArrayDeque<>();
        String[] segments = decoded.replaceFirst("^/", "").split("/|(?i)%2f(?=\\.{1,2}(/|;|%2f|$))", -1);
        for (String segment : segments) {
            String name = segment.replaceFirst(";.*", "");
            if (name.equals("..")) {
                kept.pollLast();
            } else if (!name.equals(".")) {
                kept.addLast(segment);
            }
        }
        return "/" + String.join("/", kept);
    }

    /** The body's model elsewhere too, or nowhere else. */
    private static void addModels(World world, List<Start> starts) {
        ChangedRequest request = world.request();
        if (!(Paths.read(world, "llm.requestModel") instanceof String model)) {
            return;
        }
        List<String> named = new ArrayList<>();
        for (String pair :
                request.query() == null ? new String[0] : request.query().split("[&;]", -1)) {
            if (pair.startsWith("model=")) {
                named.add(URLDecoder.decode(pair.substring(6), StandardCharsets.UTF_8));
            }
        }
        for (String segment : request.path().split("/", -1)) {
            String whole = URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
            named.add(whole.indexOf(':') > 0 ? whole.substring(0, whole.lastIndexOf(':')) : whole);
        }
        for (String other : named.stream()
                .distinct()
                .filter(one -> !one.isEmpty() && !one.equals(model))
                .toList()) {
            World changed = Paths.write(world, "llm.requestModel", other);
            if (changed != null) {
                starts.add(start(
                        changed,
                        "one model in body, query and path: member `model` of the body " + Shown.of(other) + ", not "
                                + Shown.of(model)));
            }
        }
    }

    private static void addWithoutDuplicates(World world, byte[] body, List<Start> starts) {
        try {
            byte[] once = JSON.writeValueAsBytes(JSON.readTree(body));
            starts.add(start(world.withRequest(world.request().withBody(once)), "each member of the body once"));
        } catch (JacksonException notJson) {
            // Then it was not refused for its members.
        }
    }
}

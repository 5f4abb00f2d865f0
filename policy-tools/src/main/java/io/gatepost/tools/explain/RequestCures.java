package io.gatepost.tools.explain;

import io.gatepost.tools.explain.TokenCures.Start;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** How a request could say the same in one way only, where it was refused for saying it in two. */
final class RequestCures {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final Pattern MODEL_IN_PATH = Pattern.compile("(?<=/)(?:engines|deployments|models)/([^/]+)");

    private RequestCures() {}

    static List<Start> of(Scenario scenario, String problem) {
        List<Start> starts = new ArrayList<>();
        byte[] body = scenario.request().body();
        if (body != null && problem.contains("twice")) {
            addWithoutDuplicates(scenario, body, starts);
        } else if (body != null && problem.contains("another model")) {
            addModels(scenario, starts);
        } else {
            ChangedRequest request = scenario.request();
            String path = plain(request.path());
            Scenario changed = scenario.withRequest(request.withTarget(path, request.query()));
            starts.add(start(changed, "the path in its plain form, `" + path + "`: " + problem));
        }
        return starts;
    }

    private static Start start(Scenario scenario, String text) {
        return new Start(scenario, List.of(new Change(Change.Kind.REQUEST, "", text)));
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

    /** The other model in the body too, or none in the query. */
    private static void addModels(Scenario scenario, List<Start> starts) {
        ChangedRequest request = scenario.request();
        String query = request.query() == null ? "" : request.query();
        List<String> named = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (String pair : query.split("[&;]", -1)) {
            (pair.startsWith("model=") ? named : others).add(pair.replaceFirst("^model=", ""));
        }
        if (!named.isEmpty()) {
            String left = String.join("&", others);
            Scenario without = scenario.withRequest(request.withTarget(request.path(), left.isEmpty() ? null : left));
            starts.add(start(without, "no `model` in the query"));
        }
        Matcher inPath = MODEL_IN_PATH.matcher(request.path());
        while (inPath.find()) {
            named.add(inPath.group(1).replaceFirst(":[^:]*$", ""));
        }
        for (String other : named) {
            String model = URLDecoder.decode(other.replace("+", "%2B"), StandardCharsets.UTF_8);
            Scenario changed = Paths.write(scenario, "llm.requestModel", model);
            if (changed != null) {
                String text = "one model in body, query and path: member `model` of the body " + Shown.of(model)
                        + ", not " + Shown.of(Paths.read(scenario, "llm.requestModel"));
                starts.add(0, start(changed, text));
            }
        }
    }

    private static void addWithoutDuplicates(Scenario scenario, byte[] body, List<Start> starts) {
        try {
            byte[] once = JSON.writeValueAsBytes(JSON.readTree(body));
            starts.add(start(scenario.withRequest(scenario.request().withBody(once)), "each member of the body once"));
        } catch (JacksonException notJson) {
            // Then it was not refused for its members.
        }
    }
}

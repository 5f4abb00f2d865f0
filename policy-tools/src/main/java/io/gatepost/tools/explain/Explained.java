package io.gatepost.tools.explain;

import io.gatepost.policy.Decision;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A decision, explained. Immutable. Holds no token; values of claims as {@link io.gatepost.policy.RuleOutcome#parts}
 * shows them, so that it is a choice to write it to a log.
 *
 * @param decision what was decided
 * @param tree why, from the effective policy to the parts of expressions
 * @param cures what would have to differ for the request to be allowed, each verified by deciding again: the smallest
 *     first, changes of the policy last; empty for what is allowed, or where nothing was found
 * @param cut whether the search for cures ended for lack of time, so that there may be others and smaller ones
 */
public record Explained(Decision decision, List<ExplanationNode> tree, List<Cure> cures, boolean cut) {
    private static final JsonMapper JSON = JsonMapper.shared();

    public Explained {
        Objects.requireNonNull(decision, "decision");
        tree = List.copyOf(tree);
        cures = List.copyOf(cures);
    }

    /**
     * The whole for a terminal.
     *
     * @return lines, each ended
     */
    public String text() {
        return text("");
    }

    /**
     * The whole for a terminal, with the place where the request came to.
     *
     * @param place such as a route; empty for none
     * @return lines, each ended
     */
    public String text(String place) {
        return text(told(place));
    }

    /** An explanation as JSON has it, for a terminal. */
    static String text(JsonNode told) {
        StringBuilder text = new StringBuilder(told.path("decision").asString(""));
        if (told.has("reason")) {
            text.append(' ')
                    .append(told.path("status").asInt())
                    .append(' ')
                    .append(told.path("reason").asString(""));
        }
        text.append('\n').append(told.path("summary").asString("")).append('\n');
        if (told.has("place")) {
            text.append(told.path("place").asString("")).append('\n');
        }
        told.path("tree").forEach(node -> append(node, 0, text));
        if (told.has("cures") && told.has("reason")) {
            appendCures(told, text);
        }
        if (told.has("advice")) {
            text.append("what it takes: ")
                    .append(told.path("advice").asString(""))
                    .append('\n');
        }
        return text.toString();
    }

    private static void appendCures(JsonNode told, StringBuilder text) {
        JsonNode cures = told.path("cures");
        text.append(cures.isEmpty() ? "nothing was found that would allow it\n" : "it would be allowed with\n");
        String lead = "  ";
        for (JsonNode cure : cures) {
            text.append(lead).append(cure.path("text").asString("")).append('\n');
            lead = "  or ";
        }
        text.append(told.path("cut").asBoolean() ? "the search was cut for lack of time: there may be more\n" : "");
    }

    private static void append(JsonNode node, int depth, StringBuilder text) {
        String kind = node.path("kind").asString("");
        boolean group = kind.equals("group");
        boolean part = kind.equals("part");
        text.append("  ".repeat(depth))
                .append(part ? "   " : group ? "" : word(node.path("mark").asString("")));
        text.append(node.path("decisive").asBoolean() ? "* " : group ? "" : "  ");
        text.append(node.path("text").asString(""));
        if (node.has("value")) {
            text.append(" = ").append(node.path("value").asString(""));
        }
        if (node.has("at") && !part) {
            text.append("  [").append(node.path("at").asString("")).append(']');
        }
        text.append('\n');
        node.path("children").forEach(child -> append(child, depth + 1, text));
    }

    private static String word(String mark) {
        return switch (mark) {
            case "passed" -> "yes ";
            case "failed" -> "NO  ";
            case "not_asked" -> "-   ";
            default -> "";
        };
    }

    private static String reason(Decision.Deny deny) {
        return deny.reason().name().toLowerCase(Locale.ROOT);
    }

    /**
     * The whole for programs.
     *
     * @return a JSON object: {@code decision}, for a denial {@code status} and {@code reason}, {@code summary},
     *     {@code tree} (of {@code kind}, {@code text}, {@code value}?, {@code mark}, {@code decisive}, {@code at}?,
     *     {@code children}) and {@code cures} (of {@code text}, {@code changesPolicy} and {@code changes}),
     *     {@code cut}: true where the search for these was
     */
    public String json() {
        return json("");
    }

    /**
     * The whole for programs, with the place where the request came to.
     *
     * @param place such as a route; empty for none
     * @return a JSON object as {@link #json()}, with {@code place}
     */
    public String json(String place) {
        return JSON.writeValueAsString(told(place));
    }

    private ObjectNode told(String place) {
        ObjectNode told = JSON.createObjectNode();
        if (decision instanceof Decision.Deny deny) {
            told.put("decision", "deny").put("status", deny.reason().status()).put("reason", reason(deny));
        } else {
            told.put("decision", "allow");
        }
        told.put("summary", decision.explanation().summary());
        if (!place.isEmpty()) {
            told.put("place", place);
        }
        told.set("tree", array(tree));
        addCures(told);
        return told;
    }

    void addCures(ObjectNode told) {
        ArrayNode found = told.putArray("cures");
        cures.forEach(cure -> add(cure, found.addObject()));
        if (cut) {
            told.put("cut", true);
        }
    }

    static ArrayNode array(List<ExplanationNode> nodes) {
        ArrayNode array = JSON.createArrayNode();
        for (ExplanationNode node : nodes) {
            ObjectNode object = array.addObject();
            object.put("kind", node.kind().name().toLowerCase(Locale.ROOT)).put("text", node.text());
            if (node.value() != null) {
                object.put("value", node.value());
            }
            object.put("mark", node.mark().name().toLowerCase(Locale.ROOT)).put("decisive", node.decisive());
            if (!node.origin().place().isEmpty()) {
                object.put("at", node.origin().place());
            }
            object.set("children", array(node.children()));
        }
        return array;
    }

    private static void add(Cure cure, ObjectNode object) {
        object.put("text", cure.toString()).put("changesPolicy", cure.changesPolicy());
        ArrayNode changes = object.putArray("changes");
        for (Change change : cure.changes()) {
            changes.addObject()
                    .put("kind", change.kind().name().toLowerCase(Locale.ROOT))
                    .put("name", change.name())
                    .put("text", change.text());
        }
    }
}

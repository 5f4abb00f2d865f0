package io.gatepost.testkit.explain;

import io.gatepost.policy.Decision;
import io.gatepost.testkit.explain.ExplanationNode.Kind;
import io.gatepost.testkit.explain.ExplanationNode.Mark;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
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
 */
public record Explained(Decision decision, List<ExplanationNode> tree, List<Cure> cures) {
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
        StringBuilder text = new StringBuilder();
        if (decision instanceof Decision.Deny deny) {
            text.append("deny ")
                    .append(deny.reason().status())
                    .append(' ')
                    .append(reason(deny))
                    .append('\n');
        } else {
            text.append("allow\n");
        }
        text.append(decision.explanation().summary()).append('\n');
        text.append(place).append(place.isEmpty() ? "" : "\n");
        tree.forEach(node -> append(node, 0, text));
        if (decision instanceof Decision.Deny) {
            appendCures(text);
        }
        return text.toString();
    }

    private void appendCures(StringBuilder text) {
        text.append(cures.isEmpty() ? "nothing was found that would allow it\n" : "it would be allowed with\n");
        String lead = "  ";
        for (Cure cure : cures) {
            text.append(lead).append(cure).append('\n');
            lead = "  or ";
        }
    }

    private static void append(ExplanationNode node, int depth, StringBuilder text) {
        text.append("  ".repeat(depth));
        if (node.kind() != Kind.GROUP && node.kind() != Kind.PART && node.mark() != Mark.NOTE) {
            text.append(word(node.mark())).append(' ');
        } else if (node.kind() == Kind.PART) {
            text.append("   ");
        }
        text.append(node.decisive() ? "* " : node.kind() == Kind.GROUP ? "" : "  ")
                .append(node.text());
        if (node.value() != null) {
            text.append(" = ").append(node.value());
        }
        if (!node.origin().place().isEmpty() && node.kind() != Kind.PART) {
            text.append("  [").append(node.origin().place()).append(']');
        }
        text.append('\n');
        node.children().forEach(child -> append(child, depth + 1, text));
    }

    private static String word(Mark mark) {
        return switch (mark) {
            case PASSED -> "yes";
            case FAILED -> "NO ";
            case NOT_ASKED, NOTE -> "-  ";
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
     *     {@code children}) and {@code cures} (of {@code text}, {@code changesPolicy} and {@code changes})
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
        add(tree, told.putArray("tree"));
        ArrayNode found = told.putArray("cures");
        cures.forEach(cure -> add(cure, found.addObject()));
        return JSON.writeValueAsString(told);
    }

    private static void add(List<ExplanationNode> nodes, ArrayNode array) {
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
            add(node.children(), object.putArray("children"));
        }
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

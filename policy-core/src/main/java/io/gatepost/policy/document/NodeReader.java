package io.gatepost.policy.document;

import io.gatepost.policy.document.Node.Entry;
import io.gatepost.policy.document.Node.Mapping;
import io.gatepost.policy.document.Node.Scalar;
import io.gatepost.policy.document.Node.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.yaml.YAMLParser;

/** Builds the values of a text from a parser's tokens, so that each knows where it is written. */
final class NodeReader {
    private static final String CORE_TAG = "tag:yaml.org,2002:";

    private final JsonParser parser;
    private final Source source;
    private final ToIntFunction<JsonParser> place;
    private final Findings findings;
    private final Anchors anchors = new Anchors();

    /** Reads the tokens of a parser; {@code place} tells where in the source the current one stands. */
    NodeReader(JsonParser parser, Source source, ToIntFunction<JsonParser> place, Findings findings) {
        this.parser = parser;
        this.source = source;
        this.place = place;
        this.findings = findings;
    }

    /** The next document's value, or null behind the last. */
    @Nullable
    Node next() throws JacksonException {
        anchors.clear();
        return parser.nextToken() == null ? null : value("");
    }

    private Node value(String path) {
        int index = place.applyAsInt(parser);
        if (parser instanceof YAMLParser yaml) {
            if (yaml.isCurrentAlias()) {
                return alias(index, path);
            }
            checkTag(yaml.getTypeId(), index, path);
        }
        int before = anchors.count();
        boolean collection = parser.currentToken().isStructStart();
        String anchor = collection ? anchorOfCollection() : anchorOfScalar(index);
        Node node = collection ? collection(index, path) : scalar(index);
        anchors.add(anchor, node, before);
        return node;
    }

    private Node collection(int index, String path) {
        return parser.currentToken() == JsonToken.START_OBJECT ? mapping(index, path) : sequence(index, path);
    }

    private @Nullable String anchorOfCollection() {
        return parser.getObjectId() instanceof String name ? name : null;
    }

    /** The parser forgets the anchors of scalars. */
    private @Nullable String anchorOfScalar(int index) {
        return parser instanceof YAMLParser ? Scalars.anchor(source, index) : null;
    }

    private Node alias(int index, String path) {
        String name = parser.getString();
        Node node = anchors.get(name);
        if (node == null) {
            findings.error(source.origin(index, path), "no anchor `&" + name + "` stands before this alias");
        } else if (anchors.isExhausted()) {
            throw new TooManyAliasesException(index);
        }
        return node == null ? new Scalar(index, "", Scalar.Kind.NOTHING) : node;
    }

    /** The tag without its exclamation marks: with them, it needs a newer parser than Spring Boot brings. */
    private void checkTag(@Nullable String tag, int index, String path) {
        if (tag == null
                || tag.equals(CORE_TAG + "str")
                || tag.equals(CORE_TAG + "map")
                || tag.equals(CORE_TAG + "seq")) {
            return;
        }
        String shown = tag.startsWith(CORE_TAG) ? "!!" + tag.substring(CORE_TAG.length()) : "!" + tag;
        findings.error(
                source.origin(index, path), "tag `" + shown + "` is not known; leave it out, or quote the value");
    }

    private Scalar scalar(int index) {
        String text = parser.getString();
        return new Scalar(index, text == null ? "" : text, kind(index, text));
    }

    private Scalar.Kind kind(int index, @Nullable String text) {
        if (parser instanceof YAMLParser yaml) {
            return (CORE_TAG + "str").equals(yaml.getTypeId())
                    ? Scalar.Kind.TEXT
                    : Scalars.kind(source, index, text == null ? "" : text);
        }
        return switch (parser.currentToken()) {
            case VALUE_NULL -> Scalar.Kind.NOTHING;
            case VALUE_TRUE, VALUE_FALSE -> Scalar.Kind.BOOLEAN;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Scalar.Kind.NUMBER;
            default -> Scalar.Kind.TEXT;
        };
    }

    private Sequence sequence(int index, String path) {
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(path + "[" + items.size() + "]"));
        }
        return new Sequence(index, items);
    }

    private Mapping mapping(int index, String path) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        List<Node> merged = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            int keyIndex = place.applyAsInt(parser);
            String key = parser.currentName();
            String valuePath = path.isEmpty() ? key : path + "." + key;
            parser.nextToken();
            Node value = value(valuePath);
            if (key.equals("<<") && source.at(keyIndex) == '<') {
                merged.add(value);
            } else if (entries.putIfAbsent(key, new Entry(keyIndex, value)) != null) {
                findings.error(source.origin(keyIndex, valuePath), "stands here twice; keep one of them");
            }
        }
        merged.forEach(value -> merge(value, entries, path));
        return new Mapping(index, entries);
    }

    /** Keys that stand in the map itself, or in an earlier one of several, win. */
    private void merge(Node value, Map<String, Entry> entries, String path) {
        if (value instanceof Mapping mapping) {
            mapping.entries().forEach(entries::putIfAbsent);
        } else if (value instanceof Sequence sequence
                && sequence.items().stream().allMatch(Mapping.class::isInstance)) {
            sequence.items().forEach(item -> merge(item, entries, path));
        } else {
            findings.error(
                    source.origin(value.index(), path), "a merge key `<<` takes a map, found " + value.description());
        }
    }

    /** Aliases that stand for more values than any honest document has. */
    static final class TooManyAliasesException extends RuntimeException {
        private final int index;

        TooManyAliasesException(int index) {
            super("too many aliases");
            this.index = index;
        }

        int index() {
            return index;
        }
    }
}

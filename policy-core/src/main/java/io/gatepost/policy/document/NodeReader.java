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
    private final List<Open> open = new ArrayList<>();

    /** Reads the tokens of a parser; {@code place} tells where in the source the current one stands. */
    NodeReader(JsonParser parser, Source source, ToIntFunction<JsonParser> place, Findings findings) {
        this.parser = parser;
        this.source = source;
        this.place = place;
        this.findings = findings;
    }

    /** A map or a list whose end is not read yet. */
    private static final class Open {
        final int index;
        final @Nullable String anchor;
        final int countBefore;
        final @Nullable Map<String, Entry> entries;
        final List<Node> items = new ArrayList<>();
        String key = "";
        int keyIndex;

        Open(int index, @Nullable String anchor, int countBefore, boolean isMap) {
            this.index = index;
            this.anchor = anchor;
            this.countBefore = countBefore;
            entries = isMap ? new LinkedHashMap<>() : null;
        }
    }

    /** The next document's value, or null behind the last. */
    @Nullable
    Node next() throws JacksonException {
        anchors.clear();
        open.clear();
        // Not by recursion: the parser's code would be compiled into each of the calls.
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            Node node = read(token);
            if (node != null) {
                if (open.isEmpty()) {
                    return node;
                }
                add(node, open.get(open.size() - 1));
            }
        }
        return null;
    }

    /** The value that ends with a token, or null where none does. */
    private @Nullable Node read(JsonToken token) {
        if (token == JsonToken.PROPERTY_NAME) {
            Open map = open.get(open.size() - 1);
            map.key = parser.currentName();
            map.keyIndex = place.applyAsInt(parser);
            return null;
        }
        return token.isStructEnd() ? closed(open.remove(open.size() - 1)) : begun(token, place.applyAsInt(parser));
    }

    private @Nullable Node begun(JsonToken token, int index) {
        if (parser instanceof YAMLParser yaml) {
            if (yaml.isCurrentAlias()) {
                return alias(index);
            }
            checkTag(yaml.getTypeId(), index);
        }
        int before = anchors.count();
        if (token.isStructStart()) {
            open.add(new Open(index, anchorOfCollection(), before, token == JsonToken.START_OBJECT));
            return null;
        }
        Scalar scalar = scalar(index);
        anchors.add(anchorOfScalar(index), scalar, before);
        return scalar;
    }

    private Node closed(Open collection) {
        Map<String, Entry> entries = collection.entries;
        Node node;
        if (entries == null) {
            node = new Sequence(collection.index, collection.items);
        } else {
            collection.items.forEach(value -> merge(value, entries));
            node = new Mapping(collection.index, entries);
        }
        anchors.add(collection.anchor, node, collection.countBefore);
        return node;
    }

    private void add(Node value, Open to) {
        Map<String, Entry> entries = to.entries;
        // What a map's items are is merged into it.
        if (entries == null || (to.key.equals("<<") && source.at(to.keyIndex) == '<')) {
            to.items.add(value);
        } else if (entries.putIfAbsent(to.key, new Entry(to.keyIndex, value)) != null) {
            findings.error(source.origin(to.keyIndex, path()), "stands here twice; keep one of them");
        }
    }

    /** Where the current value is. */
    private String path() {
        StringBuilder path = new StringBuilder();
        for (Open collection : open) {
            if (collection.entries == null) {
                path.append('[').append(collection.items.size()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(collection.key);
            }
        }
        return path.toString();
    }

    private @Nullable String anchorOfCollection() {
        return parser.getObjectId() instanceof String name ? name : null;
    }

    /** The parser forgets the anchors of scalars. */
    private @Nullable String anchorOfScalar(int index) {
        return parser instanceof YAMLParser ? Scalars.anchor(source, index) : null;
    }

    private Node alias(int index) {
        String name = parser.getString();
        Node node = anchors.get(name);
        if (node == null) {
            findings.error(source.origin(index, path()), "no anchor `&" + name + "` stands before this alias");
        } else if (anchors.isExhausted()) {
            throw new TooManyAliasesException(index);
        }
        return node == null ? new Scalar(index, "", Scalar.Kind.NOTHING) : node;
    }

    /** The tag without its exclamation marks: with them, it needs a newer parser than Spring Boot brings. */
    private void checkTag(@Nullable String tag, int index) {
        if (tag == null
                || tag.equals(CORE_TAG + "str")
                || tag.equals(CORE_TAG + "map")
                || tag.equals(CORE_TAG + "seq")) {
            return;
        }
        String shown = tag.startsWith(CORE_TAG) ? "!!" + tag.substring(CORE_TAG.length()) : "!" + tag;
        findings.error(
                source.origin(index, path()), "tag `" + shown + "` is not known; leave it out, or quote the value");
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

    /** Keys that stand in the map itself, or in an earlier one of several, win. */
    private void merge(Node value, Map<String, Entry> entries) {
        if (value instanceof Mapping mapping) {
            mapping.entries().forEach(entries::putIfAbsent);
        } else if (value instanceof Sequence sequence
                && sequence.items().stream().allMatch(Mapping.class::isInstance)) {
            sequence.items().forEach(item -> merge(item, entries));
        } else {
            findings.error(
                    source.origin(value.index(), path()), "a merge key `<<` takes a map, found " + value.description());
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

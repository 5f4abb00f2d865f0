package io.gatepost.policy.document;

import java.util.List;
import java.util.Map;

/** A value of a document and where it is written. */
sealed interface Node {
    /** Where it is written, as a place in its {@link Source}; of what an alias stands for, where the anchor is. */
    int index();

    /** What it is, in the words of a message. */
    String description();

    /** A value without parts. */
    record Scalar(int index, String text, Kind kind) implements Node {
        enum Kind {
            TEXT("text"),
            NUMBER("number"),
            BOOLEAN("boolean"),
            NOTHING("nothing");

            private final String word;

            Kind(String word) {
                this.word = word;
            }
        }

        @Override
        public String description() {
            boolean shown = kind == Kind.NUMBER || kind == Kind.BOOLEAN;
            return shown && text.length() <= 40 ? "the " + kind.word + " `" + text + "`" : kind.word;
        }
    }

    /** A list. */
    record Sequence(int index, List<Node> items) implements Node {
        @Override
        public String description() {
            return "a list";
        }
    }

    /** A map, in the order of the text. */
    record Mapping(int index, Map<String, Entry> entries) implements Node {
        @Override
        public String description() {
            return "a map";
        }
    }

    /** A key's place and its value. */
    record Entry(int keyIndex, Node value) {}
}

package io.gatepost.policy.document;

import java.io.IOException;
import java.io.StringReader;

/**
 * A text that is read in portions of whole characters: the YAML parser reads beyond its buffer where the last one in it
 * is the first half of a surrogate pair.
 */
final class WholeCharacters extends StringReader {
    private final String text;
    private int position;

    WholeCharacters(String text) {
        super(text);
        this.text = text;
    }

    @Override
    public int read(char[] buffer, int offset, int length) throws IOException {
        int end = position + length;
        boolean halved = length > 1 && end < text.length() && Character.isHighSurrogate(text.charAt(end - 1));
        int read = super.read(buffer, offset, halved ? length - 1 : length);
        position += Math.max(0, read);
        return read;
    }
}

package io.gatepost.policy.forward;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatepost.policy.request.NamedModel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Where a JSON object names its model, found in one pass, so that a body goes on octet for octet but for that. Only for
 * texts that every reader decodes alike.
 */
final class NamedMember {
    private static final char REPLACEMENT = '\ufffd';

    private final byte[] body;
    private int valueStart;
    private int valueEnd;
    private int end;
    private boolean empty = true;
    private boolean namedOnce;

    private NamedMember(byte[] body) {
        this.body = body;
    }

    /** Whether a text is UTF-8, looks like it from its first octets on, and has no half of a surrogate pair. */
    static boolean isPlain(byte[] body) {
        if (body.length == 0 || body[0] != '{') {
            return false;
        }
        for (int i = 0; i < body.length; i++) {
            boolean surrogate = body[i] == '\\'
                    && i + 2 < body.length
                    && body[i + 1] == 'u'
                    && (body[i + 2] == 'd' || body[i + 2] == 'D');
            if (body[i] == 0 || surrogate) {
                return false;
            }
        }
        return new String(body, UTF_8).indexOf(REPLACEMENT) < 0;
    }

    /**
     * Finds it.
     *
     * @param parser a parser of these octets, at their beginning
     * @return null where they are no object
     */
    static @Nullable NamedMember in(byte[] body, JsonParser parser) {
        NamedMember found = new NamedMember(body);
        return found.read(parser) ? found : null;
    }

    private boolean read(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return false;
        }
        List<String> names = new ArrayList<>();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            names.add(name);
            parser.nextToken();
            boolean model = name.equals("model");
            if (model) {
                valueStart = (int) parser.currentTokenLocation().getByteOffset();
            }
            parser.skipChildren();
            parser.finishToken();
            if (model) {
                valueEnd = (int) parser.currentLocation().getByteOffset();
            }
        }
        end = (int) parser.currentTokenLocation().getByteOffset();
        empty = names.isEmpty();
        namedOnce = NamedModel.isNamedOnce(names);
        return parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null;
    }

    /** Whether no member could be read as another name of the model. */
    boolean isNamedOnce() {
        return namedOnce;
    }

    boolean isThere() {
        return valueEnd > 0;
    }

    /** The text with another model, which is added where it has none. */
    byte[] with(byte[] model) {
        if (isThere()) {
            return joined(valueStart, model, valueEnd);
        }
        byte[] name = (empty ? "\"model\":" : ",\"model\":").getBytes(UTF_8);
        byte[] member = new byte[name.length + model.length];
        System.arraycopy(name, 0, member, 0, name.length);
        System.arraycopy(model, 0, member, name.length, model.length);
        return joined(end, member, end);
    }

    private byte[] joined(int until, byte[] between, int from) {
        byte[] joined = new byte[until + between.length + body.length - from];
        System.arraycopy(body, 0, joined, 0, until);
        System.arraycopy(between, 0, joined, until, between.length);
        System.arraycopy(body, from, joined, until + between.length, body.length - from);
        return joined;
    }
}

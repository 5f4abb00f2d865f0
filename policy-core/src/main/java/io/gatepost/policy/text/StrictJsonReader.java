package io.gatepost.policy.text;

import io.gatepost.policy.text.StrictJson.DuplicateException;
import io.gatepost.policy.text.StrictJson.MalformedException;
import io.gatepost.policy.text.StrictJson.Payer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads one text for {@link StrictJson}; someone may pay for it value by value, so that it ends where that ends. */
final class StrictJsonReader {
    /** Octets that are decoded and scanned in one step. */
    static final int OCTETS_PER_STEP = 128;

    /** Steps that it takes to begin, and to tell that a text is none. */
    static final int BEGINNING = 8;

    // Tenths of a step, as measured.
    private static final int SCALAR = 1;
    private static final int FRACTION = 2;
    private static final int CONTAINER = 2;
    private static final int MEMBER = 5;

    /** A member of a large object: names whose hashes collide take a search among them. */
    private static final int FURTHER_MEMBER = 25;

    private static final int FEW_MEMBERS = 256;

    /** Digits beyond those of a long take time as their number's square; a step for so many. */
    private static final int DIGITS_PER_STEP = 24;

    private static final int DIGITS_OF_LONG = 18;
    private static final int PAID_AT_ONCE = 640;

    private final JsonParser parser;
    private final @Nullable Payer payer;
    private int owed;

    StrictJsonReader(JsonParser parser, @Nullable Payer payer) {
        this.parser = parser;
        this.payer = payer;
    }

    @Nullable
    Object read() throws MalformedException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw new MalformedException("not valid JSON");
        }
        Object value = value(token);
        if (parser.nextToken() != null) {
            throw new MalformedException("something follows the JSON value");
        }
        pay();
        return value;
    }

    private void owe(int tenths) throws MalformedException {
        owed += tenths;
        if (owed >= PAID_AT_ONCE) {
            pay();
        }
    }

    private void pay() throws MalformedException {
        if (payer != null) {
            StrictJson.pay((owed + 9) / 10, payer);
        }
        owed = 0;
    }

    private @Nullable Object value(JsonToken token) throws MalformedException {
        return switch (token) {
            case START_OBJECT -> members();
            case START_ARRAY -> elements();
            case VALUE_STRING -> text();
            case VALUE_NUMBER_INT -> integer();
            case VALUE_NUMBER_FLOAT -> fraction();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new MalformedException("not valid JSON");
        };
    }

    private Map<String, @Nullable Object> members() throws MalformedException {
        owe(CONTAINER);
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            owe(members.size() < FEW_MEMBERS ? MEMBER : FURTHER_MEMBER);
            String name = whole(parser.currentName());
            if (members.containsKey(name)) {
                throw new DuplicateException();
            }
            members.put(name, value(parser.nextToken()));
        }
        return Collections.unmodifiableMap(members);
    }

    private List<@Nullable Object> elements() throws MalformedException {
        owe(CONTAINER);
        List<@Nullable Object> elements = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            elements.add(value(token));
        }
        return Collections.unmodifiableList(elements);
    }

    private String text() throws MalformedException {
        owe(SCALAR);
        return whole(parser.getString());
    }

    private Object integer() throws MalformedException {
        owe(SCALAR + digits());
        Number number = parser.getNumberValue();
        return number instanceof Integer small ? (Object) small.longValue() : number;
    }

    private Double fraction() throws MalformedException {
        owe(FRACTION + digits());
        double number = parser.getDoubleValue();
        if (Double.isInfinite(number)) {
            throw new MalformedException("a number is beyond the range of a double");
        }
        return number;
    }

    private int digits() {
        int length = parser.getStringLength();
        return length <= DIGITS_OF_LONG ? 0 : 10 + 10 * length / DIGITS_PER_STEP;
    }

    private static String whole(String text) throws MalformedException {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
                    throw new MalformedException("a string holds half a surrogate pair");
                }
                i++;
            }
        }
        return text;
    }
}

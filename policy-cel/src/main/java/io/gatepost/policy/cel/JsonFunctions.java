package io.gatepost.policy.cel;

import dev.cel.common.exceptions.CelAttributeNotFoundException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import java.util.List;
import java.util.Map;

/** JSON text: {@code json}, {@code jsonField}, {@code toJson}. */
final class JsonFunctions {
    private static final CelType DYN = SimpleType.DYN;

    private JsonFunctions() {}

    static void addTo(Functions functions) {
        for (CelType type : List.of(SimpleType.STRING, SimpleType.BYTES)) {
            functions.global("json", DYN, args -> parse(args[0]), type);
            functions.global("jsonField", DYN, args -> field(args[0], (String) args[1]), type, SimpleType.STRING);
        }
        functions.global("toJson", SimpleType.STRING, args -> Json.write(args[0]), DYN);
        functions.global("to_json", SimpleType.STRING, args -> Json.write(args[0]), DYN);
    }

    static Object parse(Object text) {
        return Evaluation.json(text);
    }

    private static Object field(Object text, String name) {
        if (parse(text) instanceof Map<?, ?> members && members.containsKey(name)) {
            return Values.toCel(members.get(name));
        }
        throw CelAttributeNotFoundException.forMissingMapKey(name);
    }
}

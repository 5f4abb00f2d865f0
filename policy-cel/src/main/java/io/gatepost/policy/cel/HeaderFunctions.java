package io.gatepost.policy.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import io.gatepost.policy.cel.HeadersValue.Form;

/**
 * Other views of {@code request.headers}: {@code raw}, {@code join}, {@code split}, {@code redacted}, {@code cookie}.
 */
final class HeaderFunctions {
    private static final CelType HEADERS = HeadersValue.TYPE;

    private HeaderFunctions() {}

    static void addTo(Functions functions) {
        functions.member("raw", HEADERS, args -> ((HeadersValue) args[0]).as(Form.RAW), HEADERS);
        functions.member("join", HEADERS, args -> ((HeadersValue) args[0]).as(Form.JOINED), HEADERS);
        functions.member("split", HEADERS, args -> ((HeadersValue) args[0]).as(Form.SPLIT), HEADERS);
        functions.member("redacted", HEADERS, args -> ((HeadersValue) args[0]).redacted(), HEADERS);
        functions.member(
                "cookie",
                SimpleType.STRING,
                args -> ((HeadersValue) args[0]).cookie((String) args[1]),
                HEADERS,
                SimpleType.STRING);
    }
}

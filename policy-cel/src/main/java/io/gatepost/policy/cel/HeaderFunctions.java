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
        functions.ofHeaders("raw", HEADERS, args -> ((HeadersValue) args[0]).as(Form.RAW));
        functions.ofHeaders("join", HEADERS, args -> ((HeadersValue) args[0]).as(Form.JOINED));
        functions.ofHeaders("split", HEADERS, args -> ((HeadersValue) args[0]).as(Form.SPLIT));
        functions.ofHeaders("redacted", HEADERS, args -> ((HeadersValue) args[0]).redacted());
        functions.ofHeaders(
                "cookie",
                SimpleType.STRING,
                args -> ((HeadersValue) args[0]).cookie((String) args[1]),
                SimpleType.STRING);
    }
}

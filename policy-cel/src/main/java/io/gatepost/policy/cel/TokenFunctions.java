package io.gatepost.policy.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;

/** Tokens: {@code scopes}, {@code unvalidatedJwtPayload}, {@code unredacted}. */
final class TokenFunctions {
    private static final CelType STRING = SimpleType.STRING;

    private TokenFunctions() {}

    static void addTo(Functions functions) {
        functions.global(
                "scopes",
                ListType.create(STRING),
                args -> scopes((Map<?, ?>) args[0]),
                MapType.create(STRING, SimpleType.DYN));
        functions.global("unvalidatedJwtPayload", SimpleType.DYN, args -> payload((String) args[0]), STRING);
        functions.member("unredacted", STRING, args -> ((RedactedValue) args[0]).unredacted(), RedactedValue.TYPE);
    }

    /**
     * The scopes of {@code scope} as text (RFC 8693 section 4.2) or as a list, or of {@code scp}; none where absent.
     */
    private static ListValue scopes(Map<?, ?> claims) {
        Object scopes = claims.containsKey("scope") ? claims.get("scope") : claims.get("scp");
        if (scopes instanceof String text) {
            return new ListValue(parted(text));
        }
        if (scopes instanceof List<?> list) {
            Evaluation.charge(list.size() / CelLimits.ELEMENTS_PER_STEP);
            return new ListValue(list.stream().filter(String.class::isInstance).toList());
        }
        return new ListValue(List.of());
    }

    /** At single blanks; what is empty is none. */
    private static List<String> parted(String text) {
        Evaluation.charge(text.length() / CelLimits.SEARCHED_PER_STEP);
        List<String> parts = new ArrayList<>();
        StringTokenizer tokens = new StringTokenizer(text, " ");
        while (tokens.hasMoreTokens()) {
            Evaluation.charge(1);
            parts.add(tokens.nextToken());
        }
        return parts;
    }

    /** What a token says, whoever wrote it. */
    private static Object payload(String token) {
        Evaluation.charge(2L * token.length() / CelLimits.PARSED_PER_STEP);
        int first = token.indexOf('.');
        int second = token.indexOf('.', first + 1);
        if (first < 0 || second < 0 || token.indexOf('.', second + 1) >= 0) {
            throw new Failure("not a JWT of three segments");
        }
        try {
            return JsonFunctions.parse(dev.cel.common.values.CelByteString.of(
                    Base64.getUrlDecoder().decode(token.substring(first + 1, second))));
        } catch (IllegalArgumentException e) {
            throw new Failure("the token's payload is not base64url");
        }
    }
}

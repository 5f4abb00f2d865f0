package io.gatepost.policy.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import java.util.Base64;
import java.util.List;
import java.util.Map;

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
            return new ListValue(List.of(text.split(" ")).stream()
                    .filter(scope -> !scope.isEmpty())
                    .toList());
        }
        return new ListValue(
                scopes instanceof List<?> list
                        ? list.stream().filter(String.class::isInstance).toList()
                        : List.of());
    }

    /** What a token says, whoever wrote it. */
    private static Object payload(String token) {
        String[] segments = token.split("\\.", -1);
        if (segments.length != 3) {
            throw new Failure("not a JWT of three segments");
        }
        try {
            return JsonFunctions.parse(dev.cel.common.values.CelByteString.of(
                    Base64.getUrlDecoder().decode(segments[1])));
        } catch (IllegalArgumentException e) {
            throw new Failure("the token's payload is not base64url");
        }
    }
}

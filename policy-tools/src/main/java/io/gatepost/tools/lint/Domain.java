package io.gatepost.tools.lint;

import io.gatepost.policy.cel.ExpressionPart;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What values a part can have at all.
 *
 * @param kinds their kinds
 * @param least the least number
 * @param text which texts it can be
 * @param part which texts can stand in it
 */
record Domain(Set<Kind> kinds, @Nullable BigDecimal least, Predicate<String> text, Predicate<String> part) {
    /** A kind of value. */
    enum Kind {
        TEXT("a text"),
        NUMBER("a number"),
        TRUTH("true or false"),
        NOTHING("null"),
        LIST("a list"),
        OTHER("of another type");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }

        static Kind of(Object value) {
            if (value instanceof String) {
                return TEXT;
            }
            if (value instanceof BigDecimal) {
                return NUMBER;
            }
            if (value instanceof List<?>) {
                return LIST;
            }
            return value instanceof Boolean ? TRUTH : value == Constants.NOTHING ? NOTHING : OTHER;
        }
    }

    private static final Set<String> TIMES = Set.of("jwt.exp", "jwt.nbf", "jwt.iat");
    private static final Set<String> TEXTS = Set.of("jwt.iss", "jwt.sub", "jwt.jti");
    private static final Set<String> SCHEMES = Set.of("http", "https");

    /** Any value. */
    static Domain any() {
        return kinds(EnumSet.allOf(Kind.class));
    }

    /** True or false. */
    static Domain truth() {
        return kinds(EnumSet.of(Kind.TRUTH));
    }

    /** The values that a part of this type and form can have. */
    static Domain of(ExpressionPart part) {
        if (Syntax.calls(part, "size")) {
            return number(BigDecimal.ZERO);
        }
        if (Syntax.calls(part, "lowerAscii")) {
            return text(text -> text.chars().noneMatch(c -> c >= 'A' && c <= 'Z'));
        }
        if (Syntax.calls(part, "upperAscii")) {
            return text(text -> text.chars().noneMatch(c -> c >= 'a' && c <= 'z'));
        }
        String path = Syntax.path(part);
        if (TIMES.contains(path)) {
            // An absent claim is an error and no value, so null stays possible: comparing with it tests for presence.
            return kinds(EnumSet.of(Kind.NUMBER, Kind.NOTHING));
        }
        if (TEXTS.contains(path)) {
            return kinds(EnumSet.of(Kind.TEXT, Kind.NOTHING));
        }
        if (path.equals("jwt.aud")) {
            return kinds(EnumSet.of(Kind.TEXT, Kind.LIST, Kind.NOTHING));
        }
        if (path.equals("request.scheme")) {
            return new Domain(EnumSet.of(Kind.TEXT), null, SCHEMES::contains, text -> true);
        }
        return isHeader(part, path) ? kinds(EnumSet.of(Kind.TEXT, Kind.LIST, Kind.NOTHING)) : of(part.type());
    }

    private static boolean isHeader(ExpressionPart part, String path) {
        return path.startsWith("request.headers.")
                && (part.kind() == ExpressionPart.Kind.FIELD || Syntax.calls(part, "_[_]"));
    }

    private static Domain of(ExpressionPart.Type type) {
        return switch (type) {
            case STRING -> kinds(EnumSet.of(Kind.TEXT));
            case BOOL -> truth();
            case INT, DOUBLE -> kinds(EnumSet.of(Kind.NUMBER));
            case UINT -> number(BigDecimal.ZERO);
            case LIST -> kinds(EnumSet.of(Kind.LIST));
            default -> any();
        };
    }

    private static Domain kinds(Set<Kind> kinds) {
        return new Domain(kinds, null, text -> true, text -> true);
    }

    private static Domain number(BigDecimal least) {
        return new Domain(EnumSet.of(Kind.NUMBER), least, text -> true, text -> true);
    }

    /** Texts of certain characters: so is every part of them. */
    private static Domain text(Predicate<String> characters) {
        return new Domain(EnumSet.of(Kind.TEXT), null, characters, characters);
    }
}

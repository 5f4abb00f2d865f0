package io.gatepost.policy.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import java.util.ArrayList;
import java.util.List;

/**
 * Strings, counted in code points (reference section 3.3): those functions of CEL's strings extension whose edge cases
 * differ here or that need a bound, and {@code stripPrefix}, {@code stripSuffix}.
 */
final class TextFunctions {
    private static final CelType STRING = SimpleType.STRING;
    private static final CelType INT = SimpleType.INT;
    private static final ListType LIST = ListType.create(STRING);

    private TextFunctions() {}

    static void addTo(Functions functions) {
        functions.member(
                "contains", SimpleType.BOOL, args -> find(text(args, 0), text(args, 1), 0) >= 0, STRING, STRING);
        functions.member("charAt", STRING, args -> charAt(text(args, 0), number(args, 1)), STRING, INT);
        functions.member("indexOf", INT, args -> indexOf(text(args, 0), text(args, 1), 0), STRING, STRING);
        functions.member(
                "indexOf", INT, args -> indexOf(text(args, 0), text(args, 1), number(args, 2)), STRING, STRING, INT);
        functions.member("lastIndexOf", INT, args -> lastIndexOf(text(args, 0), text(args, 1)), STRING, STRING);
        functions.member(
                "lastIndexOf",
                INT,
                args -> lastIndexOf(text(args, 0), text(args, 1), number(args, 2)),
                STRING,
                STRING,
                INT);
        functions.member("substring", STRING, args -> substring(text(args, 0), number(args, 1)), STRING, INT);
        functions.member(
                "substring",
                STRING,
                args -> substring(text(args, 0), number(args, 1), number(args, 2)),
                STRING,
                INT,
                INT);
        functions.member("stripPrefix", STRING, args -> stripPrefix(text(args, 0), text(args, 1)), STRING, STRING);
        functions.member("stripSuffix", STRING, args -> stripSuffix(text(args, 0), text(args, 1)), STRING, STRING);
        addSplitting(functions);
    }

    private static void addSplitting(Functions functions) {
        functions.member("join", STRING, args -> join((List<?>) args[0], ""), LIST);
        functions.member("join", STRING, args -> join((List<?>) args[0], text(args, 1)), LIST, STRING);
        functions.member("split", LIST, args -> split(text(args, 0), text(args, 1), -1), STRING, STRING);
        functions.member(
                "split", LIST, args -> split(text(args, 0), text(args, 1), number(args, 2)), STRING, STRING, INT);
        functions.member(
                "replace",
                STRING,
                args -> replace(text(args, 0), text(args, 1), text(args, 2), -1),
                STRING,
                STRING,
                STRING);
        functions.member(
                "replace",
                STRING,
                args -> replace(text(args, 0), text(args, 1), text(args, 2), number(args, 3)),
                STRING,
                STRING,
                STRING,
                INT);
    }

    private static String text(Object[] args, int index) {
        return (String) args[index];
    }

    private static long number(Object[] args, int index) {
        return (Long) args[index];
    }

    private static int find(String text, String part, int from) {
        TextSearch.charge(text, part);
        return new TextSearch(part).in(text, from);
    }

    /** How many code points there are; charges for counting and for a search that may follow. */
    private static int length(String text) {
        Evaluation.charge(text.length() / CelLimits.SEARCHED_PER_STEP);
        return text.codePointCount(0, text.length());
    }

    /** Where the code point of an index begins; without counting where each is one character. */
    private static int offset(String text, int length, int from, long count) {
        return length == text.length() ? from + (int) count : text.offsetByCodePoints(from, (int) count);
    }

    private static String charAt(String text, long index) {
        int length = length(text);
        if (index < 0 || index >= length) {
            throw new Failure("an index is past the end of the string");
        }
        int start = offset(text, length, 0, index);
        return text.substring(start, offset(text, length, start, 1));
    }

    /** -1 where the part isn't there, and from the end of the string on. */
    private static long indexOf(String text, String part, long from) {
        int length = length(text);
        if (from < 0) {
            throw new Failure("an index is negative");
        }
        if (from >= length) {
            return -1;
        }
        int found = find(text, part, offset(text, length, 0, from));
        return found < 0 ? -1 : text.codePointCount(0, found);
    }

    private static long lastIndexOf(String text, String part) {
        length(text);
        TextSearch.charge(text, part);
        int found = TextSearch.last(text, part);
        return found < 0 ? -1 : text.codePointCount(0, found);
    }

    private static long lastIndexOf(String text, String part, long from) {
        int length = length(text);
        if (from < 0) {
            throw new Failure("an index is negative");
        }
        if (from >= length) {
            return -1;
        }
        TextSearch.charge(text, part);
        int start = offset(text, length, 0, from);
        int found =
                TextSearch.last(text.substring(0, (int) Math.min(text.length(), (long) start + part.length())), part);
        return found < 0 ? -1 : text.codePointCount(0, found);
    }

    private static String substring(String text, long start) {
        return substring(text, start, Long.MAX_VALUE);
    }

    /** An end past the string's is its end; a start past it is an error. */
    private static String substring(String text, long start, long end) {
        int length = length(text);
        long last = Math.min(end, length);
        if (start < 0 || start > last) {
            throw new Failure("an index is out of the string's bounds");
        }
        int from = offset(text, length, 0, start);
        return text.substring(from, offset(text, length, from, last - start));
    }

    private static String stripPrefix(String text, String prefix) {
        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }

    private static String stripSuffix(String text, String suffix) {
        return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
    }

    private static String join(List<?> parts, String separator) {
        Evaluation.charge(parts.size() / CelLimits.ELEMENTS_PER_STEP);
        long length = 0;
        List<String> texts = new ArrayList<>();
        for (Object part : parts) {
            if (!(part instanceof String text)) {
                throw new Failure("`join` takes a list of strings");
            }
            length += text.length() + separator.length();
            texts.add(text);
        }
        Evaluation.allowed(length);
        return String.join(separator, texts);
    }

    /** At most so many parts, the last of them with the rest; negative: all; 0: none. */
    private static ListValue split(String text, String separator, long most) {
        length(text);
        TextSearch.charge(text, separator);
        TextSearch separators = new TextSearch(separator);
        List<String> parts = new ArrayList<>();
        int start = 0;
        while (most != 0) {
            int end = most > 0 && parts.size() + 1 >= most ? -1 : endOfPart(text, separators, separator, start);
            if (end < 0) {
                parts.add(text.substring(start));
                break;
            }
            parts.add(text.substring(start, end));
            start = end + separator.length();
            Evaluation.charge(1);
        }
        return new ListValue(parts);
    }

    /** An empty separator parts every two characters. */
    private static int endOfPart(String text, TextSearch separators, String separator, int start) {
        if (!separator.isEmpty()) {
            return separators.in(text, start);
        }
        int next = start < text.length() ? text.offsetByCodePoints(start, 1) : text.length();
        return next < text.length() ? next : -1;
    }

    /** An empty part stands before each character and at the end. */
    private static String replace(String text, String part, String replacement, long most) {
        length(text);
        TextSearch.charge(text, part);
        TextSearch parts = new TextSearch(part);
        StringBuilder replaced = new StringBuilder();
        int start = 0;
        for (long count = 0; most < 0 || count < most; count++) {
            int found = part.isEmpty() && count > 0 ? nextCharacter(text, start) : parts.in(text, start);
            if (found < 0) {
                break;
            }
            Evaluation.limit((long) replaced.length() + found - start + replacement.length());
            Evaluation.charge(1 + ((long) found - start + replacement.length()) / CelLimits.CHARACTERS_PER_STEP);
            replaced.append(text, start, found).append(replacement);
            start = found + part.length();
        }
        return replaced.append(text, start, text.length()).toString();
    }

    private static int nextCharacter(String text, int start) {
        return start < text.length() ? text.offsetByCodePoints(start, 1) : -1;
    }
}

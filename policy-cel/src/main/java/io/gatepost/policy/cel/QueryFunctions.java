package io.gatepost.policy.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The query of {@code request.uri} and {@code request.pathAndQuery}: {@code query}, {@code addQuery}, {@code setQuery}.
 */
final class QueryFunctions {
    private static final CelType STRING = SimpleType.STRING;

    private QueryFunctions() {}

    static void addTo(Functions functions) {
        functions.member(
                "query", ListType.create(STRING), args -> values((String) args[0], (String) args[1]), STRING, STRING);
        functions.member(
                "addQuery",
                STRING,
                args -> with((String) args[0], name -> true, (String) args[1], (String) args[2]),
                STRING,
                STRING,
                STRING);
        functions.member(
                "setQuery",
                STRING,
                args -> with((String) args[0], name -> !name.equals(args[1]), (String) args[1], (String) args[2]),
                STRING,
                STRING,
                STRING);
    }

    private static List<String> pairs(String uri) {
        Evaluation.charge(uri.length() / Limits.PARSED_PER_STEP);
        int mark = uri.indexOf('?');
        return mark < 0 || mark == uri.length() - 1
                ? List.of()
                : List.of(uri.substring(mark + 1).split("&"));
    }

    private static String part(String pair, boolean name) {
        int equals = pair.indexOf('=');
        String text =
                name ? (equals < 0 ? pair : pair.substring(0, equals)) : (equals < 0 ? "" : pair.substring(equals + 1));
        return EncodingFunctions.decodeUrl(text.replace('+', ' '));
    }

    private static ListValue values(String uri, String name) {
        return new ListValue(pairs(uri).stream()
                .filter(pair -> part(pair, true).equals(name))
                .map(pair -> part(pair, false))
                .toList());
    }

    private static String with(String uri, Predicate<String> kept, String name, String value) {
        List<String> pairs = new ArrayList<>(
                pairs(uri).stream().filter(pair -> kept.test(part(pair, true))).toList());
        pairs.add(encode(name) + "=" + encode(value));
        int mark = uri.indexOf('?');
        return (mark < 0 ? uri : uri.substring(0, mark)) + "?" + String.join("&", pairs);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}

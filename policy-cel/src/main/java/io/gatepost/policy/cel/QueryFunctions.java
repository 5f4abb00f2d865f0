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
        int mark = uri.indexOf('?');
        return mark < 0 ? List.of() : FormPairs.of(uri, mark + 1);
    }

    private static ListValue values(String uri, String name) {
        return new ListValue(pairs(uri).stream()
                .filter(pair -> FormPairs.name(pair).equals(name))
                .map(FormPairs::value)
                .toList());
    }

    private static String with(String uri, Predicate<String> kept, String name, String value) {
        List<String> pairs = new ArrayList<>(pairs(uri).stream()
                .filter(pair -> kept.test(FormPairs.name(pair)))
                .toList());
        pairs.add(encode(name) + "=" + encode(value));
        Evaluation.allowed(uri.length());
        int mark = uri.indexOf('?');
        return (mark < 0 ? uri : uri.substring(0, mark)) + "?" + String.join("&", pairs);
    }

    private static String encode(String text) {
        Evaluation.charge(text.length() / CelLimits.ENCODED_PER_STEP);
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}

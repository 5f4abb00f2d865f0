package io.gatepost.samples.gateway.server;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.expression.PatternCompiler.Pattern;
import io.gatepost.policy.request.RequestSyntax;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request as routes look at it: in the one reading that rules have too, its query decoded once, with what patterns
 * may still cost: it is routed before its credential is looked at. For one thread.
 */
final class RoutedRequest {
    /** Characters of any text that a pattern looks at in any case: how many patterns there are is the operator's. */
    private static final int ORDINARY = 256;

    /** Steps that all patterns together may take for what is longer; some 15 ms. */
    private static final long STEPS = 50_000;

    private final PolicyRequest request;
    private final String path;
    private @Nullable Map<String, String> parameters;
    private long left = STEPS;

    RoutedRequest(PolicyRequest request) {
        this.request = RequestSyntax.normalized(request);
        path = this.request.path();
    }

    String method() {
        return request.method();
    }

    String path() {
        return path;
    }

    /** The values of a header, joined by commas; null where it is absent. */
    @Nullable
    String header(String name) {
        List<String> values = request.headers(name);
        return switch (values.size()) {
            case 0 -> null;
            case 1 -> values.get(0);
            default -> String.join(",", values);
        };
    }

    /** The first value of a query parameter; null where it is absent. */
    @Nullable
    String parameter(String name) {
        if (parameters == null) {
            parameters = parameters(request.query());
        }
        return parameters.get(name);
    }

    /** Whether a pattern matches the whole text; not so where it may cost no more. */
    boolean matches(Pattern pattern, String text) {
        left -= pattern.steps(Math.max(0, text.length() - ORDINARY));
        return left >= 0 && pattern.matches(text);
    }

    /** Whether a pattern was not looked at, so that the request belongs to nobody. */
    boolean isTooLong() {
        return left < 0;
    }

    private static Map<String, String> parameters(@Nullable String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : query == null ? new String[0] : query.split("&")) {
            int equals = pair.indexOf('=');
            parameters.putIfAbsent(
                    decoded(equals < 0 ? pair : pair.substring(0, equals)),
                    equals < 0 ? "" : decoded(pair.substring(equals + 1)));
        }
        return parameters;
    }

    /** What can't be decoded stands for itself. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException undecodable) {
            return text;
        }
    }
}

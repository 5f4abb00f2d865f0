package io.gatepost.routes.manifest;

import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.expression.PatternCompiler;
import io.gatepost.routes.manifest.HttpRoute.Match;
import io.gatepost.routes.manifest.HttpRoute.PathMatch;
import io.gatepost.routes.manifest.HttpRoute.PathType;
import io.gatepost.routes.manifest.HttpRoute.ValueMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what a route's rule says that requests must be like. */
final class MatchFields {
    private static final PathMatch ANY_PATH = new PathMatch(PathType.PATH_PREFIX, "/", null);
    static final List<Match> ALL = List.of(new Match(ANY_PATH, null, List.of(), List.of()));
    private static final Set<String> METHODS =
            new TreeSet<>(Set.of("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"));
    private static final int MAX_PATH = 1024;
    private static final int MAX_NAME_LENGTH = 256;
    private static final int MAX_VALUE = 4096;
    private static final int MAX_VALUES = 16;
    private static final Pattern PATH = Pattern.compile("/(?!.*(//|/\\./|/\\.\\./|/\\.$|/\\.\\.$|%2[fF]|#|\\s)).*|/");

    private final PatternCompiler patterns;
    private final Findings findings;

    MatchFields(PatternCompiler patterns, Findings findings) {
        this.patterns = patterns;
        this.findings = findings;
    }

    private enum ValueType {
        EXACT,
        REGULAR_EXPRESSION
    }

    Match read(Fields fields) {
        Fields path = fields.fields("path");
        String method = fields.meaning("method", METHODS).text("method", 1, MAX_VALUE);
        if (method != null && !METHODS.contains(method)) {
            findings.error(fields.origin("method"), "expected one of " + METHODS + ", found `" + method + "`");
        }
        Match match = new Match(
                path == null ? ANY_PATH : path(path), method, values(fields, "headers"), values(fields, "queryParams"));
        fields.done();
        return match;
    }

    private PathMatch path(Fields fields) {
        PathType type = fields.choice("type", PathType.class);
        String value = fields.text("value", 1, MAX_PATH);
        fields.done();
        if (value == null) {
            return ANY_PATH;
        }
        if (type == PathType.REGULAR_EXPRESSION) {
            return new PathMatch(type, value, pattern(fields, value));
        }
        if (!PATH.matcher(value).matches()) {
            findings.error(fields.origin("value"), "expected a path that starts with `/`, without `//`, `.` and `..`");
        }
        return new PathMatch(type == null ? PathType.PATH_PREFIX : type, value, null);
    }

    private List<ValueMatch> values(Fields fields, String name) {
        List<ValueMatch> values = new ArrayList<>();
        for (Fields item : fields.list(name, 0, MAX_VALUES)) {
            ValueMatch value = value(item.require("name", "value"));
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    private @Nullable ValueMatch value(Fields fields) {
        boolean pattern = fields.choice("type", ValueType.class) == ValueType.REGULAR_EXPRESSION;
        String name = fields.text("name", 1, MAX_NAME_LENGTH);
        String value = fields.text("value", 1, MAX_VALUE);
        fields.done();
        if (value == null) {
            return null;
        }
        PatternCompiler.Pattern compiled = pattern ? pattern(fields, value) : null;
        return name == null ? null : new ValueMatch(name, value, pattern, compiled);
    }

    private PatternCompiler.Pattern pattern(Fields fields, String pattern) {
        if (hasClassWithin(pattern)) {
            findings.error(
                    fields.origin("value"),
                    "`[` and `&&` within a class stand for themselves in RE2's syntax; write `\\[` and `\\&` where"
                            + " that is meant, otherwise a class without them");
            return new NoPattern(pattern);
        }
        try {
            return patterns.compile(pattern);
        } catch (InvalidExpressionException e) {
            findings.error(
                    fields.origin("value"),
                    e.problems().get(0).message() + "; the syntax is RE2's, without look-ahead, look-behind and"
                            + " back-references: list what is to match, or match it by a rule of its own");
            return new NoPattern(pattern);
        }
    }

    /** What Java takes as a class within a class, or as what two classes share, and RE2 as characters. */
    private static boolean hasClassWithin(String pattern) {
        boolean within = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\') {
                i++;
            } else if (!within && c == '[') {
                within = true;
                i += pattern.startsWith("^", i + 1) ? 1 : 0;
                i += pattern.startsWith("]", i + 1) ? 1 : 0;
            } else if (within && pattern.startsWith("[:", i) && pattern.indexOf(":]", i) > 0) {
                i = pattern.indexOf(":]", i) + 1;
            } else if (within && (c == '[' || pattern.startsWith("&&", i))) {
                return true;
            } else if (c == ']') {
                within = false;
            }
        }
        return false;
    }
}

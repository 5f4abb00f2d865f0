package io.gatepost.policy.cel;

import dev.cel.common.CelIssue;
import io.gatepost.policy.InvalidExpressionException.Problem;
import io.gatepost.policy.model.Suggestions;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what is wrong with an expression in the terms of its author, with the name that was probably meant. */
final class Names {
    private static final Pattern UNDECLARED = Pattern.compile("undeclared reference to '([^']*)'.*", Pattern.DOTALL);
    private static final Pattern NO_FIELD = Pattern.compile("undefined field '([^']*)'.*", Pattern.DOTALL);
    private static final Pattern NO_OVERLOAD =
            Pattern.compile("found no matching overload for '([^']*)' applied to '([^']*)'.*", Pattern.DOTALL);
    private static final Set<String> LATER = Set.of("response", "mcp", "backend", "llmRequest");
    private final Variables variables;
    private final Set<String> functions;

    Names(Variables variables, Set<String> functions) {
        this.variables = variables;
        this.functions = functions;
    }

    Problem explain(CelIssue issue, String text) {
        int line = Math.max(1, issue.getSourceLocation().getLine());
        int column = Math.max(0, issue.getSourceLocation().getColumn()) + 1;
        return new Problem(line, column, explain(issue.getMessage(), text));
    }

    private String explain(String message, String text) {
        Matcher undeclared = UNDECLARED.matcher(message);
        if (undeclared.matches()) {
            return unknown(undeclared.group(1), text);
        }
        Matcher field = NO_FIELD.matcher(message);
        if (field.matches()) {
            return "unknown field `" + field.group(1) + "`"
                    + Suggestions.didYouMean(field.group(1), fields(field.group(1), text));
        }
        Matcher overload = NO_OVERLOAD.matcher(message);
        if (overload.matches()) {
            String types = overload.group(2).replaceAll("%?type_param:?|%", "");
            return "`" + spoken(overload.group(1)) + "` does not take `" + types + "`";
        }
        return decapitalize(message);
    }

    /** Operators as they are written: the library names them {@code _+_}, {@code @in}. */
    private static String spoken(String function) {
        return function.matches("[A-Za-z].*") ? function : function.replaceAll("[_@]", "");
    }

    /** The fields that could stand there: those of what the expression has before the dot. */
    private Set<String> fields(String field, String text) {
        Matcher before = Pattern.compile("(\\w+)\\s*\\.\\??\\s*" + Pattern.quote(field) + "\\b")
                .matcher(text);
        return variables.fields(before.find() ? before.group(1) : "");
    }

    private String unknown(String name, String text) {
        if (name.startsWith("flatten")) {
            return "`" + name + "` is for logging only";
        }
        if (LATER.contains(name)) {
            return "`" + name + "` has no value yet when a request is authorized";
        }
        String qualified = qualified(name, text);
        String cure = qualified.isEmpty() ? "" : Suggestions.didYouMean(qualified, functions);
        if (!cure.isEmpty()) {
            return "unknown name `" + qualified + "`" + cure;
        }
        Set<String> known = new TreeSet<>(variables.declared().keySet());
        known.addAll(functions);
        return "unknown name `" + name + "`" + Suggestions.didYouMean(name, known);
    }

    /** The function with its namespace, such as {@code base64.encode}, that a name is either part of; else empty. */
    private static String qualified(String name, String text) {
        Matcher call = Pattern.compile(
                        "\\b(" + Pattern.quote(name) + "\\.\\w+|\\w+\\." + Pattern.quote(name) + ")\\s*\\(")
                .matcher(text);
        return call.find() ? call.group(1) : "";
    }

    private static String decapitalize(String message) {
        String line = message.strip();
        String text =
                line.isEmpty() ? "cannot be read" : line.substring(0, 1).toLowerCase(Locale.ROOT) + line.substring(1);
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }
}

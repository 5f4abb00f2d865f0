package io.gatepost.policy.cel;

import dev.cel.common.CelIssue;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    private static final Pattern RANGE = Pattern.compile("[\"'][0-9a-fA-F.:]+/[0-9]+[\"']");
    private static final Set<String> LATER = Set.of("response", "mcp", "backend", "llmRequest");
    private static final Pattern NO_FIELDS =
            Pattern.compile("type '([^']*)' does not support field selection.*", Pattern.DOTALL);

    private final Variables variables;
    private final Set<String> functions;
    private final ForeignNames foreign;

    Names(Variables variables, Set<String> functions) {
        this.variables = variables;
        this.functions = functions;
        foreign = new ForeignNames(functions);
    }

    /** What is wrong with a text that the type check refused; each thing once. */
    List<Problem> explain(List<CelIssue> issues, String text) {
        Tokens tokens = new Tokens(text);
        Operands operands = new Operands(tokens);
        Hyphens hyphens = new Hyphens(tokens, operands, variables.declared().keySet());
        Set<String> parameters = foreign.parametersOfUnknown(tokens, operands);
        Map<String, Problem> problems = new LinkedHashMap<>();
        for (CelIssue issue : issues) {
            int line = Math.max(1, issue.getSourceLocation().getLine());
            int column = Math.max(0, issue.getSourceLocation().getColumn()) + 1;
            int offset = tokens.offset(line, column);
            Problem subtraction = hyphens.problem(offset);
            Problem problem = subtraction == null
                    ? new Problem(line, column, explain(issue.getMessage(), text, new Use(tokens, operands, offset)))
                    : subtraction;
            // The library tells an unknown function of a namespace twice: that there is no such variable, too.
            if (!isOf(parameters, issue)) {
                problems.putIfAbsent(problem.message(), problem);
            }
        }
        return List.copyOf(problems.values());
    }

    private static boolean isOf(Set<String> parameters, CelIssue issue) {
        Matcher undeclared = UNDECLARED.matcher(issue.getMessage());
        return undeclared.matches() && parameters.contains(undeclared.group(1));
    }

    /** A place in a text where the type check refused something. */
    record Use(Tokens tokens, Operands operands, int offset) {
        /** The name that is used there: of a call the one before its bracket. */
        int index() {
            int index = tokens.indexAt(offset);
            return tokens.text(index).equals("(") ? index - 1 : index;
        }

        boolean isCall() {
            return tokens.text(index() + 1).equals("(");
        }

        boolean isMember() {
            return tokens.text(index() - 1).equals(".");
        }

        /** Whether a bare name stands where a text could: beside a comparison, or in a list. */
        boolean isCompared() {
            String before = tokens.text(index() - 1);
            String next = tokens.text(index() + 1);
            Set<String> around = Set.of("==", "!=", "in");
            boolean bare = !next.equals(".") && !next.equals("[") && !next.equals("(");
            return bare
                    && (around.contains(before) || around.contains(next) || before.equals("[") || before.equals(","));
        }

        /** What a function is about: what it is called on, then its arguments. */
        List<String> subjects() {
            List<String> subjects = new ArrayList<>();
            if (isMember()) {
                subjects.add(operands.before(index() - 1, "x"));
            }
            if (isCall()) {
                subjects.addAll(operands.arguments(index() + 1));
            }
            return subjects;
        }
    }

    private String explain(String message, String text, Use use) {
        Matcher undeclared = UNDECLARED.matcher(message);
        if (undeclared.matches()) {
            return unknown(undeclared.group(1), text, use);
        }
        Matcher field = NO_FIELD.matcher(message);
        if (field.matches()) {
            String told = "unknown field `" + field.group(1) + "`";
            String cure = ForeignNames.field(field.group(1), use);
            return cure != null
                    ? told + "; write `" + cure + "`"
                    : told + Diagnostic.didYouMean(field.group(1), fields(field.group(1), text));
        }
        Matcher overload = NO_OVERLOAD.matcher(message);
        if (overload.matches()) {
            String types = overload.group(2)
                    .replaceAll("%?type_param:?|%", "")
                    .replaceAll("gatepost\\.|google\\.protobuf\\.", "");
            return misused(overload.group(1), types, use);
        }
        Matcher fieldless = NO_FIELDS.matcher(message);
        return fieldless.matches() ? fieldless(fieldless.group(1), use) : decapitalize(message);
    }

    private String fieldless(String type, Use use) {
        int dot = use.tokens().text(use.index()).equals(".") ? use.index() : use.index() - 1;
        String name = use.tokens().text(dot + 1);
        String value = use.operands().before(dot, "x");
        if (ForeignNames.isLength(name)) {
            return "a " + type + " has no field `" + name + "`; write `size(" + value + ")`";
        }
        if (type.endsWith("Timestamp")) {
            String part = Diagnostic.didYouMean("get" + name, functions);
            return "a timestamp has no field `" + name + "`"
                    + (part.isEmpty() ? "; write such as `" + value + ".getHours()`" : part);
        }
        return type.equals("bytes")
                ? "bytes have no field `" + name + "`; read them as JSON: `json(" + value + ")." + name + "`"
                : "a " + type + " has no field `" + name + "`";
    }

    /** A function or an operator that is there, and does not take what it is given. */
    private String misused(String function, String types, Use use) {
        String spoken = spoken(function);
        String told = "`" + spoken + "` does not take `" + types + "`";
        if (function.equals("@in") && types.endsWith(", string)")) {
            int in = use.tokens().indexAt(use.offset());
            String part = use.operands().before(in, "part");
            String whole = use.operands().after(in, "text");
            String range = "cidr(" + whole + ").containsIP(" + part + ")";
            return "`in` looks into lists and maps, not into texts; write `"
                    + (RANGE.matcher(whole).matches()
                            ? range + "`"
                            : part + " in [" + whole + "]`, or for a part of a text `" + whole + ".contains(" + part
                                    + ")`");
        }
        if (function.equals("@in") && types.endsWith(", Cidr)")) {
            int in = use.tokens().indexAt(use.offset());
            return told + "; write `" + use.operands().after(in, "cidr(\"10.0.0.0/8\")") + ".containsIP("
                    + use.operands().before(in, "source.address") + ")`";
        }
        if (function.equals("@in") && types.startsWith("(bool,")) {
            int in = use.tokens().indexAt(use.offset());
            return "`!` is about the value right behind it; write `!("
                    + use.operands().before(in, "x") + " in " + use.operands().after(in, "list") + ")`";
        }
        if (function.equals("contains") && types.startsWith("Cidr.")) {
            return told + "; write `" + use.subjects().get(0) + ".containsIP("
                    + use.subjects().get(1) + ")`";
        }
        if (function.matches("_(==|!=|<|<=|>|>=)_")
                && types.matches("\\(Timestamp, string\\)|\\(string, Timestamp\\)")) {
            return told + "; a time is written `timestamp(\"2026-01-01T00:00:00Z\")`";
        }
        if (types.contains("null") && (function.equals("_==_") || function.equals("_!=_"))) {
            return told + ": it is never null; ask by `has(...)` whether a field or a claim is there";
        }
        if (function.matches("_(<|<=|>|>=)_") && types.startsWith("(bool,")) {
            return "`" + spoken + "` compares two values, not three; write `a < b && b < c`";
        }
        if (function.matches("_(==|!=|<|<=|>|>=|\\+|-)_")) {
            return told + "; both sides must be of one type: convert by `int(...)` or `string(...)`";
        }
        if (function.matches("_(&&|\\|\\|)_|!_|_\\?_:_")) {
            return told + "; conditions are true or false, such as `jwt.sub == \"alice\"`";
        }
        String form = foreign.form(function, use);
        return form == null ? told : told + "; write `" + form + "`";
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

    private String unknown(String name, String text, Use use) {
        if (name.startsWith("flatten")) {
            return "`" + name + "` is for logging only";
        }
        if (LATER.contains(name)) {
            return "`" + name + "` has no value yet when a request is authorized";
        }
        String what = use.isCall() ? "unknown function `" : "unknown name `";
        if (functions.contains(name)) {
            String form = foreign.form(name, use);
            return "`" + name + "` is not used like this" + (form == null ? "" : "; write `" + form + "`");
        }
        String cure = foreign.cure(name, use);
        if (cure != null) {
            return what + name + "`; write `" + cure + "`";
        }
        String qualified = qualified(name, text);
        String near = qualified.isEmpty() ? "" : Diagnostic.didYouMean(qualified, functions);
        if (!near.isEmpty()) {
            return "unknown name `" + qualified + "`" + near;
        }
        Set<String> known = new TreeSet<>(variables.declared().keySet());
        known.addAll(functions);
        String meant = Diagnostic.didYouMean(name, known);
        return (meant.isEmpty() ? what : "unknown name `") + name + "`"
                + (meant.isEmpty() && use.isCompared() ? "; a text stands in quotes: `\"" + name + "\"`" : meant);
    }

    /** The function with its namespace, such as {@code base64.encode}, that a name is either part of; else empty. */
    private static String qualified(String name, String text) {
        Matcher call = Pattern.compile(
                        "\\b(" + Pattern.quote(name) + "\\.\\w+|\\w+\\." + Pattern.quote(name) + ")\\s*\\(")
                .matcher(text);
        return call.find() ? call.group(1) : "";
    }

    static String decapitalize(String message) {
        String line = message.strip();
        String text =
                line.isEmpty() ? "cannot be read" : line.substring(0, 1).toLowerCase(Locale.ROOT) + line.substring(1);
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }
}

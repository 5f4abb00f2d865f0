package io.gatepost.policy.cel;

import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what other languages write in a text that is no expression, and says how it is written here. */
final class ForeignSyntax {
    /** Operators that stand together without a blank; the longer ones first. */
    private static final List<String> OPERATORS = List.of(
            "===", "!==", "<>", "=>", "=<", "=~", "=!", "!~", "${", "#{", "%{", "{{", "<%", "??", "?.", "?[", "?:",
            "->", "::", "/*", "\u2260", "\u2264", "\u2265", "\u2208", "\u2227", "\u2228", "\u00ac", "\u2013", "\u2014",
            "\u2212", "/^", "=", "&", "|", ";", "#", "~", "^", "@", "$", "\\");

    private static final Map<String, String> BETWEEN = Map.ofEntries(
            Map.entry("and", "&&"),
            Map.entry("or", "||"),
            Map.entry("is", "=="),
            Map.entry("eq", "=="),
            Map.entry("equals", "=="),
            Map.entry("ne", "!="),
            Map.entry("neq", "!="),
            Map.entry("gt", ">"),
            Map.entry("gte", ">="),
            Map.entry("ge", ">="),
            Map.entry("lt", "<"),
            Map.entry("lte", "<="),
            Map.entry("le", "<="),
            Map.entry("xor", "!="),
            Map.entry("mod", "%"),
            Map.entry("div", "/"));

    private static final Map<String, String> CALLED = Map.ofEntries(
            Map.entry("startswith", "startsWith"),
            Map.entry("beginswith", "startsWith"),
            Map.entry("endswith", "endsWith"),
            Map.entry("matches", "matches"),
            Map.entry("regex", "matches"));

    private static final Set<String> HOLDING = Set.of("contains", "has", "includes", "include");
    private static final Set<String> CHOOSING =
            Set.of("if", "elif", "elsif", "elseif", "then", "else", "unless", "when", "case", "switch");
    private static final Set<String> NAMING = Set.of("let", "var", "const", "def", "val");
    private static final Set<String> LOOPING = Set.of("for", "foreach", "while", "lambda", "function", "fn");

    private final Tokens tokens;
    private final Operands operands;
    private final List<Problem> found = new ArrayList<>();
    private boolean isStatement;

    ForeignSyntax(Tokens tokens, Operands operands) {
        this.tokens = tokens;
        this.operands = operands;
    }

    /** What was found, each kind once. */
    List<Problem> problems() {
        for (int i = 0; i < tokens.size(); i++) {
            String operator = operator(i);
            if (operator != null && isTemplate(operator)) {
                tell(
                        i,
                        "`" + operator
                                + "` is a template, which nothing fills in here; write the value itself, or a claim such"
                                + " as `jwt.sub`");
                break;
            }
            String told = name(i);
            told = told == null && operator != null ? symbol(operator, i) : told;
            told = told == null && isKeyword(i) ? keyword(i) : told;
            if (told != null) {
                tell(i, told);
            }
            i += operator == null ? 0 : length(operator, i) - 1;
        }
        Set<String> told = new HashSet<>();
        return found.stream().filter(problem -> told.add(problem.message())).toList();
    }

    private void tell(int index, String message) {
        found.add(tokens.problem(tokens.get(index).start(), message));
    }

    private @Nullable String operator(int index) {
        StringBuilder glued = new StringBuilder(tokens.text(index));
        for (int i = index + 1; i < index + 3 && tokens.touches(i); i++) {
            glued.append(tokens.text(i));
        }
        String text = glued.toString();
        String own = tokens.text(index);
        // A comparison that is whole is none of these.
        return OPERATORS.stream()
                .filter(operator -> text.startsWith(operator) && operator.length() >= own.length())
                .findFirst()
                .orElse(null);
    }

    private int length(String operator, int index) {
        int length = 0;
        int i = index;
        while (length < operator.length()) {
            length += tokens.text(i).length();
            i++;
        }
        return i - index;
    }

    private static boolean isTemplate(String operator) {
        return operator.length() > 1 && (operator.endsWith("{") || operator.equals("<%"));
    }

    private @Nullable String symbol(String operator, int i) {
        String before = operands.before(i, "jwt.team");
        int behind = i + length(operator, i) - 1;
        String after = operands.after(behind, "\"value\"");
        return switch (operator) {
            case "=" -> "`=` does not compare; write `==`";
            case "===" -> "`===` is written `==`";
            case "!==" -> "`!==` is written `!=`";
            case "<>" -> "`<>` is written `!=`";
            case "=<" -> "`=<` is written `<=`";
            case "=!" -> "`=!` is written `!=`";
            case "=>", "->" -> arrow(operator, i);
            case "=~", "~" -> "`" + operator + "` is written as a call: `" + before + ".matches(" + after + ")`";
            case "!~" -> "`!~` is written as a call: `!" + before + ".matches(" + after + ")`";
            case "&" -> "`&` is written `&&`";
            case "|" -> "`|` is written `||`";
            case ";" ->
                i == tokens.size() - 1
                        ? "an expression does not end with `;`; remove it"
                        : "an expression has no `;`; join conditions with `&&`";
            case "??", "?:" -> "`" + operator + "` is written `default(" + before + ", " + after + ")`";
            case "?." -> optional(before, i);
            case "?[" -> "`?[` is written `[?`";
            case "::" -> "`::` is written `.`";
            case "\u2260" -> "`\u2260` is written `!=`";
            case "\u2264" -> "`\u2264` is written `<=`";
            case "\u2265" -> "`\u2265` is written `>=`";
            case "\u2208" -> "`\u2208` is written `in`";
            case "\u2227" -> "`\u2227` is written `&&`";
            case "\u2228" -> "`\u2228` is written `||`";
            case "\u00ac" -> "`\u00ac` is written `!`";
            case "\u2013", "\u2014", "\u2212" -> "`" + operator + "` is written `-`";
            case "/*", "#" -> "`" + operator + "` begins no comment here; write `//`, or leave it out";
            case "/^" -> "a pattern stands in quotes, such as `matches(\"^a\")`";
            case "^", "@", "$", "\\" -> "`" + operator + "` means nothing in an expression; remove it";
            default -> null;
        };
    }

    private @Nullable String optional(String before, int i) {
        if (!operands.isWord(i + 2)) {
            return null;
        }
        String name = tokens.text(i + 2);
        return "`?.` is written `.?` and gives an optional value: `" + before + ".?" + name
                + ".orValue(\"\")`; or ask `has(" + before + "." + name + ")` first";
    }

    private String arrow(String operator, int i) {
        String before = tokens.text(i - 2);
        boolean function =
                before.equals("(") || before.equals(",") || tokens.text(i - 1).equals(")");
        if (function) {
            return "`" + operator + "` makes no function here; write a name, a comma and the condition:"
                    + " `jwt.roles.exists(r, r == \"admin\")`";
        }
        return operator.equals("->") ? "`->` is written `.`" : "`=>` is written `>=`";
    }

    /** Names that are none without quotes, and dots too many. */
    private @Nullable String name(int i) {
        if (tokens.text(i).equals("in") && tokens.text(i + 1).equals("(")) {
            List<String> elements = operands.arguments(i + 1);
            return elements.size() < 2
                    ? null
                    : "a list stands in square brackets: `in [" + String.join(", ", elements) + "]`";
        }
        if (!tokens.text(i).equals(".") || !operands.ends(i - 1)) {
            return colon(i);
        }
        String path = operands.before(i, "jwt");
        String next = tokens.text(i + 1);
        if (next.equals(".") || next.equals("[")) {
            return "`." + next + "` has a dot too many; write `" + next + "`";
        }
        if (next.equals("in")) {
            return "`in` is an operator; as a name it stands in brackets: `" + path + "[\"in\"]`";
        }
        if (operands.isText(i + 1)) {
            return "a name in quotes stands in brackets: `" + path + "[" + next + "]`";
        }
        return !next.isEmpty() && Character.isDigit(next.charAt(0))
                ? "a name that begins with a digit stands in brackets: `" + path + "[\"" + next + "\"]`"
                : null;
    }

    /** Such as {@code jwt.https://example.com/roles} and {@code jwt.cognito:groups}. */
    private @Nullable String colon(int i) {
        boolean claim = tokens.text(i).equals(":")
                && tokens.touches(i)
                && operands.isWord(i - 1)
                && tokens.text(i - 2).equals(".")
                && operands.ends(i - 3);
        String name = claim ? tokens.unbroken(i - 1) : "";
        return name.isEmpty() || name.endsWith(":")
                ? null
                : "a name with `:` stands in brackets and quotes: `" + operands.before(i - 2, "jwt") + "[\"" + name
                        + "\"]`";
    }

    /** Whether a word is no name of a field. */
    private boolean isKeyword(int i) {
        return operands.isWord(i) && !tokens.text(i - 1).equals(".");
    }

    private @Nullable String keyword(int i) {
        String word = tokens.text(i);
        String lower = word.toLowerCase(Locale.ROOT);
        String before = tokens.text(i - 1).toLowerCase(Locale.ROOT);
        boolean between = operands.ends(i - 1) && !tokens.touches(i) && !before.equals("and") && !before.equals("or");
        boolean not = tokens.text(i + 1).equalsIgnoreCase("not");
        if (between && lower.equals("is")) {
            return not ? "`is not` is written `!=`" : "`is` is written `==`";
        }
        if (between && lower.equals("in")) {
            return "`" + word + "` is written `in`";
        }
        if (between && BETWEEN.containsKey(lower) && !tokens.text(i + 1).equals(".")) {
            return "`" + word + "` is written `" + BETWEEN.get(lower) + "`";
        }
        if (lower.equals("not") && !tokens.text(i - 1).equalsIgnoreCase("is")) {
            return not(i, word, between);
        }
        if (between && !tokens.text(i + 1).equals("(")) {
            String infix = infix(i, word, lower);
            if (infix != null) {
                return infix;
            }
        }
        return statement(i, word, lower);
    }

    private @Nullable String not(int i, String word, boolean between) {
        if (tokens.text(i + 1).equals("in") && between) {
            return "`" + word + " in` is written `!(" + operands.before(i, "x") + " in " + operands.after(i + 1, "list")
                    + ")`";
        }
        return !between && operands.starts(i + 1) ? "`" + word + "` is written `!`" : null;
    }

    private @Nullable String infix(int i, String word, String lower) {
        String left = operands.before(i, "x");
        String right = operands.after(i, "\"value\"");
        if (HOLDING.contains(lower)) {
            return "`" + word + "` is written as a call: `" + left + ".contains(" + right + ")`";
        }
        if (lower.equals("like") && operands.isText(i + 1)) {
            String pattern = right.replace(".", "[.]").replace("%", ".*");
            return "`" + word + "` is written as a call: `" + left + ".matches(" + pattern.charAt(0) + "^"
                    + pattern.substring(1, pattern.length() - 1) + "$" + pattern.charAt(0) + ")`";
        }
        return CALLED.containsKey(lower)
                ? "`" + word + "` is written as a call: `" + left + "." + CALLED.get(lower) + "(" + right + ")`"
                : null;
    }

    private @Nullable String statement(int i, String word, String lower) {
        if (CHOOSING.contains(lower)) {
            if (isStatement) {
                return null;
            }
            isStatement = true;
            return "`" + word + "` is not known here; write `condition ? value : otherwise`";
        }
        if (lower.equals("return") && i == 0) {
            return "an expression is what it comes to; leave out `" + word + "`";
        }
        if (NAMING.contains(lower) && operands.isWord(i + 1)) {
            return "`" + word + "` is not known here; name a value by `cel.bind(name, value, expression)`";
        }
        return LOOPING.contains(lower)
                ? "`" + word + "` is not known here; go through a list by `list.exists(x, condition)` or"
                        + " `list.all(x, condition)`"
                : null;
    }
}

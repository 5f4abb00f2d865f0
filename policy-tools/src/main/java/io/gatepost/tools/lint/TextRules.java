package io.gatepost.tools.lint;

import io.gatepost.policy.cel.ExpressionPart;
import io.gatepost.policy.cel.ExpressionPart.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Looks for the traps of comparing texts. What makes a rule wider matters where it allows, and is safe where it denies:
 * the walk knows which, through every {@code !}.
 */
final class TextRules {
    /** Claims that hold one text, and those where a part of it would be taken for another name. */
    private static final Set<String> TEXT_CLAIMS = Set.of(
            "scope", "scp", "role", "group", "sub", "email", "azp", "client_id", "iss", "tenant", "preferred_username");

    private static final Set<String> HOSTS = Set.of("request.host", "jwt.email", "jwt.upn", "jwt.preferred_username");
    private static final Pattern METHOD =
            Pattern.compile("get|head|post|put|delete|patch|options", Pattern.CASE_INSENSITIVE);
    private static final Pattern DIGITS = Pattern.compile("-?\\d+(\\.\\d+)?");

    private final Syntax syntax;
    private final Consumer<Finding> findings;

    private TextRules(Syntax syntax, Consumer<Finding> findings) {
        this.syntax = syntax;
        this.findings = findings;
    }

    static void check(RuleSyntax rule, Consumer<Finding> findings) {
        new TextRules(rule.syntax(), findings).visit(rule.syntax().root(), !rule.denies());
    }

    private void visit(ExpressionPart part, boolean allows) {
        boolean not = Syntax.calls(part, "!_");
        if (part.kind() == Kind.CALL && part.macro() == null) {
            call(part, Syntax.operands(part), allows);
        }
        switch (part.kind()) {
            case CALL -> Syntax.operands(part).forEach(operand -> visit(operand, allows != not));
            case LIST -> part.children().forEach(element -> visit(element, allows));
            case LOOP -> {
                headerNames(part);
                visit(part.range(), allows);
                visit(part.step(), allows);
            }
            default -> {}
        }
    }

    private void call(ExpressionPart call, List<ExpressionPart> operands, boolean allows) {
        if (operands.size() != 2) {
            return;
        }
        String function = call.name();
        ExpressionPart left = operands.get(0);
        ExpressionPart right = operands.get(1);
        switch (function) {
            case "contains" -> contains(call, left, right, allows);
            case "endsWith" -> endsWith(call, left, right, allows);
            case "startsWith" -> startsWith(call, left, right, allows);
            case "matches" -> matches(call, left, right, allows);
            case "@in" -> in(call, left, right);
            case "_==_", "_!=_" -> {
                boolean grants = function.equals("_==_") == allows;
                equal(call, left, right, grants);
                equal(call, right, left, grants);
            }
            case "_<_", "_<=_", "_>_", "_>=_" -> {
                ordered(call, left, right);
                ordered(call, right, left);
            }
            default -> {}
        }
    }

    private void contains(ExpressionPart call, ExpressionPart left, ExpressionPart right, boolean allows) {
        String path = Syntax.path(left);
        boolean text = path.startsWith("jwt.") && TEXT_CLAIMS.contains(path.substring(4));
        if (allows && Syntax.literal(right) != null && (text || path.equals("request.host"))) {
            tell(
                    LintRule.SUBSTRING_TEST,
                    call,
                    "also holds where " + Syntax.literal(right) + " is a part of another name");
        }
    }

    private void in(ExpressionPart call, ExpressionPart left, ExpressionPart right) {
        String path = Syntax.path(right);
        boolean scope = path.equals("jwt.scope");
        if (scope && Syntax.literal(left) != null) {
            tell(LintRule.IN_TEXT, call, "is an error where `scope` is a text, as RFC 8693 section 4.2 says");
        }
        if (Syntax.path(left).equals("request.method") && right.kind() == Kind.LIST) {
            right.children().forEach(this::method);
        }
    }

    private void endsWith(ExpressionPart call, ExpressionPart left, ExpressionPart right, boolean allows) {
        String end = Syntax.literal(right);
        boolean open =
                end != null && !end.isEmpty() && Character.isLetterOrDigit(end.codePointAt(0)) && end.contains(".");
        if (allows && open && HOSTS.contains(Syntax.path(left))) {
            tell(LintRule.OPEN_SUFFIX, call, "also holds for `evil" + end + "`");
        }
    }

    private void startsWith(ExpressionPart call, ExpressionPart left, ExpressionPart right, boolean allows) {
        String start = Syntax.literal(right);
        if (start == null || start.isEmpty() || !Syntax.path(left).equals("request.path")) {
            return;
        }
        if (!start.startsWith("/") || !isInPath(start)) {
            impossible(right, start);
        } else if (allows && start.length() > 1 && !start.endsWith("/")) {
            tell(LintRule.OPEN_PATH_PREFIX, call, "also holds for `" + start + "-other`");
        }
    }

    private void matches(ExpressionPart call, ExpressionPart left, ExpressionPart right, boolean allows) {
        String pattern = Syntax.literal(right);
        if (allows && pattern != null && isOpen(pattern, Syntax.path(left).equals("request.path"))) {
            tell(LintRule.UNANCHORED_PATTERN, call, "also holds where the pattern fits only a part of the text");
        }
    }

    /** A pattern for the beginning of a path need not go on to its end; {@code .*} says that it may be anywhere. */
    private static boolean isOpen(String pattern, boolean path) {
        String plain = pattern.replaceFirst("^\\(\\?[a-z]+\\)", "");
        boolean start = plain.startsWith("^") || plain.startsWith("\\A") || plain.startsWith(".*");
        boolean end = plain.endsWith("$") || plain.endsWith("\\z") || plain.endsWith(".*");
        return !start || (!end && !path) || alternatesOutsideGroups(plain);
    }

    /** Such as {@code ^a|b$}: each alternative has one end only. */
    private static boolean alternatesOutsideGroups(String pattern) {
        int depth = 0;
        boolean set = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\') {
                i++;
            } else if (set) {
                set = c != ']';
            } else if (c == '[') {
                set = true;
            } else if (c == '(' || c == ')') {
                depth += c == '(' ? 1 : -1;
            } else if (c == '|' && depth == 0 && !(pattern.startsWith("^", i + 1) && pattern.startsWith("$", i - 1))) {
                return true;
            }
        }
        return false;
    }

    private void equal(ExpressionPart call, ExpressionPart term, ExpressionPart other, boolean grants) {
        String text = Syntax.literal(other);
        if (text == null) {
            return;
        }
        switch (Syntax.path(term)) {
            case "request.path" -> path(call, other, text, grants);
            case "request.method" -> method(other);
            case "request.headers.content-type" -> contentType(call, text);
            case "jwt.aud" ->
                tell(LintRule.AUDIENCE_COMPARED, call, "is false where `aud` is a list, even of this one audience");
            default -> {}
        }
    }

    private void path(ExpressionPart call, ExpressionPart literal, String text, boolean grants) {
        if (!(text.startsWith("/") || text.equals("*")) || !isInPath(text)) {
            impossible(literal, text);
        } else if (!grants && text.length() > 1) {
            tell(LintRule.EXACT_PATH_DENIED, call, "says nothing of `" + text + "/` and of what is below it");
        }
    }

    private static boolean isInPath(String text) {
        return text.chars().noneMatch(c -> c == '?' || c == '#' || c == '\\' || c <= ' ' || c >= 0x7F);
    }

    private void impossible(ExpressionPart literal, String text) {
        String why = text.contains("?")
                ? "a path has no query; read it by `request.uri.query(name)`"
                : text.chars().anyMatch(c -> c >= 0x7F || c == ' ')
                        ? "it is sent percent-encoded and compared as it is sent"
                        : "a path begins with `/` and has no fragment";
        tell(LintRule.IMPOSSIBLE_PATH, literal, "is no path of a request: " + why);
    }

    private void method(ExpressionPart literal) {
        String text = Syntax.literal(literal);
        if (text != null && METHOD.matcher(text).matches() && !text.equals(text.toUpperCase(Locale.ROOT))) {
            tell(LintRule.METHOD_CASE, literal, "is not `" + text.toUpperCase(Locale.ROOT) + "`, which clients send");
        }
    }

    private void contentType(ExpressionPart call, String text) {
        if (text.contains("/") && !text.contains(";")) {
            tell(LintRule.CONTENT_TYPE_EXACT, call, "is false for `" + text + "; charset=utf-8`");
        }
    }

    private void ordered(ExpressionPart call, ExpressionPart term, ExpressionPart other) {
        String text = Syntax.literal(other);
        if (text != null && DIGITS.matcher(text).matches() && Constants.of(term) == null) {
            tell(LintRule.NUMBER_AS_TEXT, call, "orders by characters: `\"10\"` comes before `\"9\"`");
        }
    }

    /** Going through headers gives their names in lower case. */
    private void headerNames(ExpressionPart loop) {
        boolean headers = Syntax.path(loop.range()).equals("request.headers");
        String name = loop.name();
        if (headers) {
            Syntax.parts(loop.step())
                    .filter(part -> Syntax.calls(part, "_==_", "_!=_", "@in")
                            && Syntax.path(Syntax.operands(part).get(0)).equals(name))
                    .flatMap(Syntax::parts)
                    .filter(part -> Syntax.literal(part) != null && hasUpperCase(String.valueOf(Syntax.literal(part))))
                    .forEach(part -> tell(
                            LintRule.HEADER_NAME_CASE, part, "is never among the names, which are in lower case here"));
        }
    }

    private static boolean hasUpperCase(String text) {
        return text.chars().anyMatch(Character::isUpperCase);
    }

    private void tell(LintRule rule, ExpressionPart part, String message) {
        findings.accept(new Finding(
                rule, syntax.origin(part), syntax.expression().origin(), "`" + syntax.text(part) + "` " + message));
    }
}

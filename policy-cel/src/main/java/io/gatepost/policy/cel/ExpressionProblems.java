package io.gatepost.policy.cel;

import dev.cel.common.CelIssue;
import io.gatepost.policy.cel.ExpressionTokens.Token;
import io.gatepost.policy.expression.InvalidExpressionException.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says why a text is no expression in the words of its author, instead of the parser's, which lists what else could
 * stand there. Looks first at quotes, since a missing one makes nonsense of all that follows, then for what other
 * languages write, then for brackets and values that don't fit together.
 */
final class ExpressionProblems {
    /** How the parser's generator words its messages; all others are written for people. */
    private static final Pattern GENERATED = Pattern.compile(
            "(?s)(mismatched input|extraneous input|no viable alternative|token recognition error|missing '|missing \\{"
                    + "|rule ).*|.*expecting .*");

    private static final Pattern NUMBER = Pattern.compile("(?is)for input string: \"(.*?)\".*");
    private static final Pattern RESERVED = Pattern.compile("(?s)reserved identifier: (\\w+).*");
    private static final String QUOTES = "\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019\u201a`\u00b4\u2032\u2033";
    private static final String ESCAPES = "abfnrtv\\?\"'`xXuU01234567";

    private final ExpressionTokens tokens;
    private final Operands operands;
    private final List<Problem> found = new ArrayList<>();

    private ExpressionProblems(String text) {
        tokens = new ExpressionTokens(text);
        operands = new Operands(tokens);
    }

    /** What is wrong with a text that the parser refused. */
    static List<Problem> of(String text, List<CelIssue> issues, Set<String> variables) {
        return new ExpressionProblems(text).explain(issues, variables);
    }

    private List<Problem> explain(List<CelIssue> issues, Set<String> variables) {
        if (tokens.size() == 0) {
            return List.of(
                    tokens.problem(0, "the expression is empty; write a condition, such as `jwt.sub == \"alice\"`"));
        }
        quotes();
        if (found.isEmpty()) {
            found.addAll(new ForeignSyntax(tokens, operands).problems());
        }
        if (found.isEmpty()) {
            Hyphens hyphens = new Hyphens(tokens, operands, variables);
            issues.stream()
                    .filter(issue -> !GENERATED.matcher(issue.getMessage()).matches())
                    .map(issue -> Objects.requireNonNullElseGet(hyphens.within(offset(issue)), () -> worded(issue)))
                    .forEach(found::add);
        }
        if (found.isEmpty()) {
            found.addAll(new Structure(tokens, operands).problems());
        }
        if (found.isEmpty() && !issues.isEmpty()) {
            found.add(unfit(issues.get(0)));
        }
        return found;
    }

    private void quotes() {
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            String text = tokens.text(i);
            if (QUOTES.contains(text)) {
                tell(token.start(), "`" + text + "` does not quote here; write `\"`");
                return;
            } else if (isOpen(text)) {
                unclosed(i);
                return;
            } else if (operands.isText(i)) {
                escapes(token, text);
            }
        }
    }

    /** Whether a text has no closing quote. */
    private static boolean isOpen(String token) {
        String body = token.replaceFirst("^[rRbB]{0,2}", "");
        if (!body.startsWith("\"") && !body.startsWith("'")) {
            return false;
        }
        String quote = body.substring(0, 1);
        String quotes = body.startsWith(quote.repeat(3)) ? quote.repeat(3) : quote;
        boolean raw = token.substring(0, token.length() - body.length())
                .toLowerCase(Locale.ROOT)
                .contains("r");
        int end = body.length() - quotes.length();
        int escaped = end;
        while (escaped > 0 && body.charAt(escaped - 1) == '\\') {
            escaped--;
        }
        return end < quotes.length() || !body.endsWith(quotes) || (!raw && (end - escaped) % 2 == 1);
    }

    /** The quote that is missing is one before, where a text ends right before a word. */
    private void unclosed(int index) {
        for (int i = 0; i < index; i++) {
            String next = tokens.text(i + 1).replaceFirst("[\"'].*", "");
            if (operands.isText(i)
                    && tokens.touches(i + 1)
                    && !next.isEmpty()
                    && Character.isLetterOrDigit(next.charAt(0))) {
                String quote = tokens.text(i).substring(tokens.text(i).length() - 1);
                tell(
                        tokens.get(i).start(),
                        "a quote is missing: this text ends at the next `" + quote + "`, right before `"
                                + next + "`; a `" + quote + "` within a text is written `\\" + quote
                                + "`");
                return;
            }
        }
        String quote = tokens.text(index).replaceFirst("^[rRbB]{0,2}", "").substring(0, 1);
        tell(tokens.get(index).start(), "a quote is missing: the text that begins here has no closing `" + quote + "`");
    }

    private void escapes(Token token, String text) {
        int quote = Math.max(0, Math.min(indexOf(text, '"'), indexOf(text, '\'')));
        if (text.substring(0, quote).toLowerCase(Locale.ROOT).contains("r")) {
            return;
        }
        for (int i = quote; i + 1 < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
                if (ESCAPES.indexOf(text.charAt(i)) < 0) {
                    String escape = text.substring(i - 1, i + 1);
                    tell(
                            token.start() + text.codePointCount(0, i - 1),
                            "`" + escape + "` means nothing in a text; write `\\" + escape
                                    + "`, or put `r` before the quote: `r\"" + escape + "\"`");
                    return;
                }
            }
        }
    }

    private static int indexOf(String text, char character) {
        int index = text.indexOf(character);
        return index < 0 ? text.length() : index;
    }

    /** What the parser itself says, and what a macro says of its arguments. */
    private Problem worded(CelIssue issue) {
        String message = issue.getMessage();
        Matcher number = NUMBER.matcher(message);
        Matcher reserved = RESERVED.matcher(message);
        String told = number.matches()
                ? "the number `" + number.group(1) + "` is too large"
                : reserved.matches()
                        ? "`" + reserved.group(1) + "` is a reserved word and can't be a name here"
                        : message.contains("recursion limit") || message.contains("too deep")
                                ? "the expression is nested too deeply, at most " + CelLimits.DEPTH
                                        + " levels are allowed"
                                : Names.decapitalize(message);
        return tokens.problem(offset(issue), told);
    }

    private Problem unfit(CelIssue issue) {
        int offset = offset(issue);
        int index = tokens.indexAt(offset);
        if (index < 0) {
            return tokens.problem(
                    tokens.get(tokens.size() - 1).end(),
                    "the expression ends too early: something is missing after `" + tokens.text(tokens.size() - 1)
                            + "`");
        }
        String before = index == 0 ? " at the beginning" : " after `" + tokens.text(index - 1) + "`";
        return tokens.problem(tokens.get(index).start(), "`" + tokens.text(index) + "` can't stand here," + before);
    }

    private int offset(CelIssue issue) {
        return tokens.offset(
                Math.max(1, issue.getSourceLocation().getLine()),
                Math.max(0, issue.getSourceLocation().getColumn()) + 1);
    }

    private void tell(int offset, String message) {
        found.add(tokens.problem(offset, message));
    }
}

package io.gatepost.tools.lint;

import io.gatepost.policy.Explanation;
import io.gatepost.policy.cel.ExpressionPart;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Looks for secrets in rules: whoever reads the document has them. No finding shows one. */
final class WrittenSecrets {
    private static final Pattern KNOWN =
            Pattern.compile("(sk-|ghp_|gho_|github_pat_|glpat-|xox[abp]-|AKIA|AIza|hf_)[\\w-]{8,}"
                    + "|eyJ[\\w-]{8,}\\.[\\w-]+(\\.[\\w-]*)?");
    private static final Pattern HEADER =
            Pattern.compile("request\\.headers\\..*(key|secret|token|passw|credential|authorization|cookie).*");
    private static final Pattern DENSE = Pattern.compile("(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+=_-]{24,}");
    private static final int SHORTEST = 8;
    private static final double BITS = 3.7;

    private WrittenSecrets() {}

    /** The secrets of a rule, each found once. */
    static Set<String> check(RuleSyntax rule, Consumer<Finding> findings) {
        Syntax syntax = rule.syntax();
        Set<String> secrets = new LinkedHashSet<>();
        Syntax.parts(syntax.root())
                .filter(part -> Syntax.calls(part, "_==_", "_!=_", "@in", "startsWith", "endsWith", "contains"))
                .forEach(call -> {
                    List<ExpressionPart> operands = Syntax.operands(call);
                    boolean credential = operands.stream().anyMatch(operand -> isCredential(Syntax.path(operand)));
                    operands.stream()
                            .filter(WrittenSecrets::isWritten)
                            .flatMap(Syntax::parts)
                            .forEach(part -> {
                                String text = Syntax.literal(part);
                                if (text != null && isSecret(text, credential) && secrets.add(text)) {
                                    findings.accept(new Finding(
                                            LintRule.SECRET_IN_RULE,
                                            syntax.origin(part),
                                            syntax.expression().origin(),
                                            credential
                                                    ? "the value of a header with credentials stands here for all who read this"
                                                    : "this looks like a key or a token, for all who read this"));
                                }
                            });
                });
        return secrets;
    }

    /** Whether it is no part of the request: the names in its path are no values. */
    private static boolean isWritten(ExpressionPart operand) {
        return Syntax.path(operand).isEmpty();
    }

    private static boolean isCredential(String path) {
        String lower = path.toLowerCase(Locale.ROOT);
        return lower.startsWith("request.headers.")
                && (HEADER.matcher(lower).matches() || Explanation.isRedacted(lower));
    }

    private static boolean isSecret(String text, boolean credential) {
        return KNOWN.matcher(text).lookingAt()
                || (credential && text.strip().length() >= SHORTEST && !text.equalsIgnoreCase("Bearer "))
                || (DENSE.matcher(text).matches() && bits(text) >= BITS);
    }

    /** How many bits a character holds, by how often each occurs. */
    private static double bits(String text) {
        return text.chars()
                .distinct()
                .mapToDouble(one -> {
                    double share = (double) text.chars().filter(c -> c == one).count() / text.length();
                    return -share * Math.log(share) / Math.log(2);
                })
                .sum();
    }
}

package io.gatepost.tools.lint;

import io.gatepost.policy.cel.ExpressionPart;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Looks for rules that take for granted what nobody has checked. */
final class TrustRules {
    private static final Set<String> IDENTITIES = Set.of("jwt.sub", "jwt.email", "jwt.preferred_username", "jwt.upn");

    private final RuleSyntax rule;
    private final Syntax syntax;
    private final Consumer<Finding> findings;

    private TrustRules(RuleSyntax rule, Consumer<Finding> findings) {
        this.rule = rule;
        this.syntax = rule.syntax();
        this.findings = findings;
    }

    /** What the rule takes for granted wherever it is asked. */
    static void check(RuleSyntax rule, Consumer<Finding> findings) {
        TrustRules rules = new TrustRules(rule, findings);
        if (!rule.denies()) {
            rules.email();
            rules.unverified();
        }
    }

    /** What it takes for granted of the tokens where it is asked. */
    static void check(RuleSyntax rule, AcceptedTokens tokens, Consumer<Finding> findings) {
        TrustRules rules = new TrustRules(rule, findings);
        for (JwtAuthentication jwt : tokens.authentications()) {
            if (!rule.denies()) {
                rules.issuer(jwt);
            }
            rules.credential(jwt);
        }
    }

    private boolean reads(String path) {
        return Syntax.parts(syntax.root()).anyMatch(part -> Syntax.path(part).equals(path));
    }

    /** A test of a value that says who someone is: by a constant, by a list of these, or by its ending. */
    private Optional<ExpressionPart> identifies(Set<String> paths) {
        return Syntax.parts(syntax.root())
                .filter(part -> Syntax.calls(part, "_==_", "@in", "endsWith")
                        && Syntax.operands(part).size() == 2
                        && paths.stream().anyMatch(path -> compares(part, path)))
                .findFirst();
    }

    private static boolean compares(ExpressionPart call, String path) {
        ExpressionPart left = Syntax.operands(call).get(0);
        ExpressionPart right = Syntax.operands(call).get(1);
        return (Syntax.path(left).equals(path) && Constants.of(right) != null)
                || (Syntax.path(right).equals(path)
                        && Constants.of(left) instanceof String
                        && Syntax.calls(call, "_==_"));
    }

    private void email() {
        identifies(Set.of("jwt.email"))
                .filter(test -> !syntax.expression().text().contains("email_verified"))
                .ifPresent(test -> tell(
                        LintRule.UNVERIFIED_EMAIL, test, "trusts an address that its owner may not have confirmed"));
    }

    private void unverified() {
        Syntax.parts(syntax.root())
                .filter(part -> Syntax.calls(part, "unvalidatedJwtPayload"))
                .findFirst()
                .ifPresent(call -> tell(LintRule.UNVERIFIED_CLAIMS, call, "is whatever the client wrote"));
    }

    private void issuer(JwtAuthentication jwt) {
        Set<String> issuers = jwt.providers().stream().map(JwtProvider::issuer).collect(Collectors.toSet());
        if (issuers.size() > 1 && !reads("jwt.iss")) {
            identifies(IDENTITIES)
                    .ifPresent(test -> tell(
                            LintRule.ISSUER_UNTESTED,
                            test,
                            "holds for a token of any of the " + issuers.size() + " issuers"));
        }
    }

    private void credential(JwtAuthentication jwt) {
        if (jwt.location() instanceof TokenLocation.Header header) {
            String path = "request.headers." + header.name().toLowerCase(Locale.ROOT);
            Syntax.parts(syntax.root())
                    .filter(part -> Syntax.path(part).toLowerCase(Locale.ROOT).equals(path))
                    .findFirst()
                    .ifPresent(part -> tell(
                            LintRule.CREDENTIAL_HEADER, part, "is gone when rules are asked, where it held the token"));
        }
    }

    private void tell(LintRule found, ExpressionPart part, String message) {
        findings.accept(new Finding(
                found,
                syntax.origin(part),
                rule.syntax().expression().origin(),
                "`" + syntax.text(part) + "` " + message));
    }
}

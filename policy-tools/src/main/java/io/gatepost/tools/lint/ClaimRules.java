package io.gatepost.tools.lint;

import dev.cel.common.ast.CelExpr;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Looks for claims by another name, and for values that no accepted token has in them. */
final class ClaimRules {
    private static final Map<String, String> OTHERWISE = Map.ofEntries(
            Map.entry("subject", "sub"),
            Map.entry("issuer", "iss"),
            Map.entry("audience", "aud"),
            Map.entry("audiences", "aud"),
            Map.entry("expires", "exp"),
            Map.entry("expiry", "exp"),
            Map.entry("expiration", "exp"),
            Map.entry("issued_at", "iat"),
            Map.entry("scopes", "scope"),
            Map.entry("emailVerified", "email_verified"),
            Map.entry("clientId", "client_id"));

    /** Long enough that a name near one of these is hardly another name. */
    private static final Set<String> STANDARD = Set.of(
            "email_verified",
            "preferred_username",
            "given_name",
            "family_name",
            "client_id",
            "auth_time",
            "realm_access",
            "resource_access",
            "phone_number");

    private final Syntax syntax;
    private final Consumer<Finding> findings;

    private ClaimRules(Rule rule, Consumer<Finding> findings) {
        syntax = rule.syntax();
        this.findings = findings;
    }

    /** Names, whatever tokens there are. */
    static void check(Rule rule, Consumer<Finding> findings) {
        ClaimRules rules = new ClaimRules(rule, findings);
        Syntax.parts(rule.syntax().root()).forEach(rules::name);
    }

    /** Values, by what the providers accept. */
    static void check(Rule rule, Tokens tokens, Consumer<Finding> findings) {
        List<JwtProvider> providers = tokens.authentications().stream()
                .map(JwtAuthentication::providers)
                .flatMap(List::stream)
                .toList();
        if (!providers.isEmpty()) {
            ClaimRules rules = new ClaimRules(rule, findings);
            Set<String> issuers = providers.stream().map(JwtProvider::issuer).collect(Collectors.toSet());
            rules.values("jwt.iss", issuers, LintRule.UNKNOWN_ISSUER, "no provider has this issuer");
            if (providers.stream().noneMatch(provider -> provider.audiences().isEmpty())) {
                Set<String> audiences = providers.stream()
                        .flatMap(one -> one.audiences().stream())
                        .collect(Collectors.toSet());
                rules.values("jwt.aud", audiences, LintRule.UNKNOWN_AUDIENCE, "no provider takes this audience");
            }
        }
    }

    private void name(CelExpr part) {
        String path = Syntax.path(part);
        if (!path.startsWith("jwt.")) {
            return;
        }
        String claim = path.substring(4);
        String meant = OTHERWISE.get(claim);
        if (meant == null && !STANDARD.contains(claim)) {
            meant = claim.length() > 6
                    ? Diagnostic.probablyMeant(claim, STANDARD, 2).orElse(null)
                    : null;
        }
        if (meant != null) {
            tell(LintRule.MISSPELT_CLAIM, part, "`" + path + "`: did you mean `jwt." + meant + "`?");
        }
        String last = path.substring(path.lastIndexOf('.') + 1);
        if (Set.of("length", "size", "len").contains(last) && path.indexOf('.') != path.lastIndexOf('.')) {
            tell(
                    LintRule.LENGTH_FIELD,
                    part,
                    "`" + path + "` is a field that a list or a text has not: write `size("
                            + path.substring(0, path.lastIndexOf('.')) + ")`");
        }
    }

    private void values(String path, Collection<String> known, LintRule rule, String message) {
        Syntax.parts(syntax.root())
                .filter(part -> Syntax.calls(part, "_==_", "_!=_", "@in", "contains"))
                .filter(part -> Syntax.operands(part).stream()
                        .anyMatch(operand -> Syntax.path(operand).equals(path)))
                .flatMap(call -> Syntax.operands(call).stream())
                .flatMap(Syntax::parts)
                .forEach(part -> {
                    String text = Syntax.literal(part);
                    if (text != null && !known.contains(text)) {
                        tell(rule, part, "`\"" + text + "\"`: " + message + meant(text, known));
                    }
                });
    }

    /** A slash is the usual difference, then a letter. */
    private static String meant(String text, Collection<String> known) {
        return known.stream()
                .filter(name -> name.replaceAll("/+$", "").equalsIgnoreCase(text.replaceAll("/+$", "")))
                .findFirst()
                .map(name -> "; did you mean `" + name + "`?")
                .orElse(Diagnostic.didYouMean(text, known));
    }

    private void tell(LintRule rule, CelExpr part, String message) {
        findings.accept(
                new Finding(rule, syntax.origin(part), syntax.expression().origin(), message));
    }
}

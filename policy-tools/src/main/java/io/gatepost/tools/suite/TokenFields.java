package io.gatepost.tools.suite;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.tools.suite.TokenRecipe.Fault;
import io.gatepost.tools.token.TokenIssuer;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the recipe of a token and makes the token. */
final class TokenFields {
    private static final Duration AGES = Duration.ofDays(3_650);
    private static final String NO_FAULT = "Valid";

    private final Findings findings;
    private final TestIssuers issuers;

    TokenFields(Findings findings, TestIssuers issuers) {
        this.findings = findings;
        this.issuers = issuers;
    }

    /** The token's text; null where there is none, or where its recipe is wrong, which is told. */
    @Nullable
    String read(Fields test) {
        int errors = findings.errors();
        TokenRecipe recipe = null;
        JwtProvider provider = null;
        if (test.isText("token")) {
            provider = provider(null, null, test.origin("token"));
            recipe = TokenRecipe.of(fault(test, "token"));
        } else {
            Fields fields = test.fields("token");
            if (fields != null) {
                Map<String, @Nullable Object> claims = RequestFields.map(fields, "claims");
                Origin origin = fields.has("issuer") ? fields.origin("issuer") : fields.origin();
                provider = provider(fields.text("issuer", 1, 256), claims.get("aud"), origin);
                recipe = recipe(fields, claims);
            }
        }
        return recipe == null || provider == null || findings.errors() > errors ? null : recipe.make(provider, issuers);
    }

    private TokenRecipe recipe(Fields fields, Map<String, @Nullable Object> claims) {
        TokenRecipe recipe = new TokenRecipe(
                fault(fields, "fault"),
                algorithm(fields),
                claims,
                RequestFields.map(fields, "header"),
                new LinkedHashSet<>(fields.texts("without", 1, 100, 100)),
                fields.duration("expiresIn", AGES.negated(), AGES),
                fields.duration("notBefore", AGES.negated(), AGES));
        fields.done();
        return recipe;
    }

    private static @Nullable Fault fault(Fields fields, String name) {
        boolean none = !fields.has(name) || (fields.isText(name) && NO_FAULT.equals(fields.rawText(name)));
        return none ? null : fields.choice(name, Fault.class);
    }

    private String algorithm(Fields fields) {
        String algorithm = fields.text("algorithm", 1, 20);
        if (algorithm == null) {
            return TokenRecipe.DEFAULT_ALGORITHM;
        }
        if (!TokenIssuer.ALGORITHMS.contains(algorithm)) {
            findings.error(
                    fields.origin("algorithm"),
                    "expected one of `" + String.join("`, `", TokenIssuer.ALGORITHMS) + "`, found `" + algorithm + "`"
                            + Diagnostic.didYouMean(algorithm, TokenIssuer.ALGORITHMS));
        }
        return algorithm;
    }

    private @Nullable JwtProvider provider(@Nullable String issuer, @Nullable Object audience, Origin origin) {
        Set<String> names = new LinkedHashSet<>();
        issuers.providers().forEach(provider -> names.add(provider.issuer()));
        String shown = "`" + String.join("` or `", names) + "`";
        if (names.isEmpty()) {
            findings.error(origin, "no policy has a `jwtAuthentication` that takes a token; give `claims` instead");
        } else if (issuer == null && names.size() > 1) {
            findings.error(origin, "several issuers are trusted; say by `issuer` whose token it is: " + shown);
        } else if (issuer != null && !names.contains(issuer)) {
            findings.error(
                    origin,
                    "no provider has this issuer; expected " + shown + ", or `fault: WrongIssuer`"
                            + Diagnostic.didYouMean(issuer, names));
        } else {
            return fitting(issuer, audience);
        }
        return null;
    }

    /** Of several providers of one issuer the one for the token's audience. */
    private JwtProvider fitting(@Nullable String issuer, @Nullable Object audience) {
        List<JwtProvider> ofIssuer = issuers.providers().stream()
                .filter(provider -> issuer == null || provider.issuer().equals(issuer))
                .toList();
        return ofIssuer.stream()
                .filter(provider ->
                        audience instanceof String name && provider.audiences().contains(name))
                .findFirst()
                .orElse(ofIssuer.get(0));
    }
}

package io.gatepost.policy.document;

import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TokenLocation;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code jwtAuthentication}. */
final class JwtFields {
    private static final int MAX_PROVIDERS = 64;
    private static final int MAX_NAME = 256;
    private static final int MAX_TYPE = 127;
    private static final int MAX_EXPRESSION = 16_384;
    private static final Duration MAX_SKEW = Duration.ofHours(1);
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern MEDIA_TYPE = Pattern.compile("(%1$s/)?%1$s".formatted(TOKEN.pattern()));
    private static final Pattern PRINTABLE = Pattern.compile("\\P{Cntrl}+");
    private static final Pattern WEB_ADDRESS = Pattern.compile("https?://[^/?#@\\s]+(/[^?#\\s]*)?");

    private final String namespace;
    private final Findings findings;
    private final List<JwksSource.Inline> keySets;

    /** @param keySets gets the key sets that can be read, whatever else is wrong */
    JwtFields(String namespace, Findings findings, List<JwksSource.Inline> keySets) {
        this.namespace = namespace;
        this.findings = findings;
        this.keySets = keySets;
    }

    /** The authentication; null where anything in it is wrong. */
    @Nullable
    JwtAuthentication read(Fields fields) {
        int errors = findings.errors();
        fields.require("providers");
        JwtMode mode = fields.choice("mode", JwtMode.class, JwtMode.STRICT);
        List<JwtProvider> providers = new ArrayList<>();
        for (Fields provider : fields.list("providers", 1, MAX_PROVIDERS)) {
            JwtProvider read = provider(provider);
            if (read != null) {
                providers.add(read);
            }
        }
        Fields place = fields.fields("location");
        TokenLocation location = place == null ? TokenLocation.BEARER : location(place);
        fields.unsupported("mcp").has("authorization");
        fields.done();
        return findings.errors() > errors || location == null
                ? null
                : new JwtAuthentication(mode, providers, location, fields.origin());
    }

    private @Nullable JwtProvider provider(Fields fields) {
        fields.require("issuer");
        String issuer = fields.text("issuer", 1, MAX_NAME);
        List<String> audiences = fields.texts("audiences", 1, 64, MAX_NAME);
        Duration skew = fields.duration("clockSkew", Duration.ZERO, MAX_SKEW);
        Set<String> claims = fields.has("requiredClaims")
                ? new LinkedHashSet<>(fields.texts("requiredClaims", 0, 64, MAX_NAME))
                : JwtProvider.DEFAULT_REQUIRED_CLAIMS;
        String type = fields.text("tokenType", MAX_TYPE, MEDIA_TYPE, "a media type such as `at+jwt`");
        JwksSource jwks = keys(fields, issuer);
        if (jwks instanceof JwksSource.Inline inline) {
            keySets.add(inline);
        }
        fields.done();
        return issuer == null || jwks == null
                ? null
                : new JwtProvider(
                        issuer,
                        audiences,
                        jwks,
                        claims,
                        skew == null ? JwtProvider.DEFAULT_CLOCK_SKEW : skew,
                        type,
                        fields.origin());
    }

    private @Nullable JwksSource keys(Fields fields, @Nullable String issuer) {
        if (!fields.exactlyOneOf("jwks", "discovery")) {
            return null;
        }
        Fields jwks = fields.fields("jwks");
        return jwks == null ? discovery(fields, issuer) : new JwksFields(namespace, findings).read(jwks);
    }

    private @Nullable JwksSource discovery(Fields fields, @Nullable String issuer) {
        Boolean wanted = fields.meaning("discovery", List.of(true)).flag("discovery");
        if (wanted == null) {
            return null;
        }
        if (!wanted) {
            findings.error(fields.origin("discovery"), "expected `true`; without discovery give `jwks`");
        } else if (issuer != null && !isWebAddress(issuer)) {
            findings.error(fields.origin("issuer"), "discovery needs an http or https URL without query");
        }
        return new JwksSource.Discovery(fields.origin("discovery"));
    }

    private static boolean isWebAddress(String issuer) {
        try {
            return WEB_ADDRESS.matcher(issuer).matches() && new URI(issuer).getHost() != null;
        } catch (URISyntaxException problem) {
            return false;
        }
    }

    private @Nullable TokenLocation location(Fields fields) {
        TokenLocation location = null;
        if (fields.exactlyOneOf("header", "queryParameter", "cookie", "expression")) {
            location = fields.has("header")
                    ? header(fields.fields("header"))
                    : fields.has("queryParameter")
                            ? named(fields.fields("queryParameter"), PRINTABLE, TokenLocation.QueryParameter::new)
                            : fields.has("cookie")
                                    ? named(fields.fields("cookie"), TOKEN, TokenLocation.Cookie::new)
                                    : computed(fields.expression("expression", MAX_EXPRESSION));
        }
        fields.done();
        return location;
    }

    private static @Nullable TokenLocation header(@Nullable Fields fields) {
        if (fields == null) {
            return null;
        }
        String prefix = fields.text("prefix", MAX_NAME, PRINTABLE, "text without control characters");
        return named(fields, TOKEN, name -> new TokenLocation.Header(name, prefix));
    }

    private static @Nullable TokenLocation named(
            @Nullable Fields fields, Pattern pattern, java.util.function.Function<String, TokenLocation> location) {
        if (fields == null) {
            return null;
        }
        String name = fields.require("name").text("name", MAX_NAME, pattern, "a name without blanks and separators");
        fields.done();
        return name == null ? null : location.apply(name);
    }

    private static @Nullable TokenLocation computed(@Nullable MatchExpression expression) {
        return expression == null ? null : new TokenLocation.Computed(expression);
    }
}

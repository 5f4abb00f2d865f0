package io.gatepost.tools.lint;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/** Looks for authentication that trusts too much. */
final class AuthenticationRules {
    private static final Duration LARGE_SKEW = Duration.ofMinutes(5);

    private final Consumer<Finding> findings;
    private final Clock clock;

    private AuthenticationRules(Consumer<Finding> findings, Clock clock) {
        this.findings = findings;
        this.clock = clock;
    }

    static void check(JwtAuthentication jwt, Clock clock, Consumer<Finding> findings) {
        AuthenticationRules rules = new AuthenticationRules(findings, clock);
        if (jwt.mode() == JwtMode.PERMISSIVE) {
            rules.tell(
                    LintRule.PERMISSIVE_MODE,
                    jwt.origin(),
                    "mode Permissive: a request with an expired or forged token goes on as if it had none");
        }
        if (jwt.location() instanceof TokenLocation.QueryParameter query) {
            rules.tell(
                    LintRule.TOKEN_IN_QUERY,
                    jwt.origin(),
                    "tokens in the query parameter `" + query.name()
                            + "` stand in logs, histories and Referer headers");
        }
        jwt.providers().forEach(rules::provider);
    }

    private void provider(JwtProvider provider) {
        Origin origin = provider.origin();
        String name = "provider `" + provider.issuer() + "`";
        if (provider.audiences().isEmpty()) {
            tell(LintRule.NO_AUDIENCE, origin, name + " has no `audiences`: a token for any other service passes too");
        }
        if (isClearText(provider.issuer())) {
            tell(LintRule.INSECURE_ISSUER, origin, name + " is an http URL: nothing vouches for what is found there");
        }
        if (!provider.requiredClaims().contains("exp")) {
            tell(LintRule.NO_EXPIRY, origin, name + " does not require `exp`: a token without it holds for ever");
        }
        if (provider.clockSkew().compareTo(LARGE_SKEW) > 0) {
            tell(
                    LintRule.LARGE_CLOCK_SKEW,
                    origin,
                    name + " accepts tokens until " + provider.clockSkew().toMinutes() + " minutes after their end");
        }
        if (provider.tokenType() == null) {
            tell(
                    LintRule.TOKEN_TYPE_UNCHECKED,
                    origin,
                    name
                            + " has no `tokenType`: a token of this issuer made for another use passes if it fits otherwise");
        }
        keys(provider);
    }

    private void keys(JwtProvider provider) {
        JwksSource keys = provider.jwks();
        if (keys instanceof JwksSource.RemoteUrl remote
                && isClearText(remote.url().toString())) {
            tell(
                    LintRule.INSECURE_KEYS_URL,
                    remote.origin(),
                    "keys come by http: whoever stands in between can put in a key and sign any token");
        }
        new KeyRules(findings, clock).check(keys);
    }

    /** What stays on this machine needs no TLS. */
    private static boolean isClearText(String url) {
        if (!url.toLowerCase(Locale.ROOT).startsWith("http://")) {
            return false;
        }
        try {
            String host = URI.create(url).getHost();
            return host == null
                    || !(host.equals("localhost")
                            || host.endsWith(".localhost")
                            || host.startsWith("127.")
                            || host.equals("[::1]"));
        } catch (IllegalArgumentException problem) {
            return true;
        }
    }

    private void tell(LintRule rule, Origin origin, String message) {
        findings.accept(new Finding(rule, origin, message));
    }
}

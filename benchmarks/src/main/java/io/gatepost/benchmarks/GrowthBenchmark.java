package io.gatepost.benchmarks;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a decision costs where one thing is large. Cold: without the cache, so that the signature is checked each time.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class GrowthBenchmark {
    /** What is large. */
    public enum Large {
        /** One provider with one key, one rule, six claims. */
        NOTHING,
        /** 64 providers; the token is the last one's. */
        PROVIDERS,
        /** 1,000 keys; the token is signed with the last one. */
        KEYS,
        /** 256 Allow rules that look at the path; the last one holds. */
        RULES,
        /** 256 Allow rules that look at a header and a claim; the last one holds. */
        HEADER_RULES,
        /** 256 Allow rules of eight kinds, as teams and tenants have them; the last one holds. */
        MIXED_RULES,
        /** 256 Allow rules that look at the token alone; the last one holds. */
        TOKEN_RULES,
        /** Claims of 16 KiB. */
        CLAIMS
    }

    private static final int PROVIDERS = 64;
    private static final int KEYS = 1_000;
    private static final int RULES = 256;
    private static final int GROUPS = 1_000;

    @Param
    public Large large;

    private final TokenIssuer issuer = TokenIssuer.of("https://issuer.test");
    private PolicyEngine remembering;
    private PolicyEngine forgetting;
    private String token;

    @Setup(Level.Trial)
    public void start() {
        TokenBuilder claims = issuer.token().subject("alice");
        if (large == Large.MIXED_RULES) {
            claims =
                    claims.claim("groups", List.of("staff", "team-a", "team-b")).claim("org", Map.of("team", "x"));
        }
        if (large == Large.CLAIMS) {
            claims = claims.claim(
                    "groups",
                    IntStream.range(0, GROUPS)
                            .mapToObj(i -> "group-%06d".formatted(i))
                            .toList());
        }
        token = claims.compact();
        remembering = engine(10_000);
        forgetting = engine(0);
        if (!(hot() instanceof Decision.Allow && cold() instanceof Decision.Allow)) {
            throw new IllegalStateException("expected to be allowed");
        }
    }

    private PolicyEngine engine(int cachedTokens) {
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of(
                        "p",
                        JwtAuthentication.of(JwtMode.STRICT, providers()),
                        Authorization.of(AuthorizationAction.ALLOW, rules()))))
                .expressions(new CelExpressionCompiler())
                .maxTokenLength(64 * 1024)
                .cachedTokens(cachedTokens)
                .build();
    }

    private JwtProvider[] providers() {
        List<JwtProvider> providers = new ArrayList<>();
        for (int i = 1; large == Large.PROVIDERS && i < PROVIDERS; i++) {
            providers.add(JwtProvider.of("https://issuer-" + i + ".test", new JwksSource.Inline(issuer.jwks())));
        }
        TokenIssuer[] keys = large == Large.KEYS
                ? Stream.concat(
                                IntStream.range(1, KEYS)
                                        .mapToObj(i ->
                                                TokenIssuer.of(issuer.issuer(), "ES256", "e" + i, Clock.systemUTC())),
                                Stream.of(issuer))
                        .toArray(TokenIssuer[]::new)
                : new TokenIssuer[] {issuer};
        providers.add(JwtProvider.of(issuer.issuer(), new JwksSource.Inline(TokenIssuer.jwks(keys))));
        return providers.toArray(JwtProvider[]::new);
    }

    private String[] rules() {
        String last = switch (large) {
            case RULES, MIXED_RULES -> "request.path.startsWith('/v1/')";
            case HEADER_RULES -> "request.headers['x-team'] == 'research' && jwt.sub == 'alice'";
            default -> "jwt.sub == 'alice'";
        };
        List<String> rules = new ArrayList<>();
        for (int i = 1; i < RULES; i++) {
            rules.add(rule(i));
        }
        rules.removeIf(String::isEmpty);
        rules.add(last);
        return rules.toArray(String[]::new);
    }

    /** One that does not hold; empty where there is but one rule. */
    private String rule(int i) {
        return switch (large) {
            case RULES -> "request.path == '/" + i + "'";
            case TOKEN_RULES -> "jwt.sub == 'user-" + i + "'";
            case HEADER_RULES -> "request.headers['x-team'] == 'team-" + i + "' && jwt.sub == 'alice'";
            case MIXED_RULES ->
                switch (i % 8) {
                    case 0 -> "request.path.startsWith('/team-" + i + "/') && 'team-" + i + "' in jwt.groups";
                    case 1 -> "'team-" + i + "' in jwt.groups && request.method == 'POST'";
                    case 2 -> "request.headers['x-team'] == 'team-" + i + "' && request.path.startsWith('/v1/')";
                    case 3 -> "request.method == 'POST' && request.path == '/v1/" + i + "'";
                    case 4 -> "has(jwt.tenant) && jwt.tenant == 'tenant-" + i + "' && request.method == 'POST'";
                    case 5 -> "jwt.groups.exists(g, g == 'team-" + i + "') && request.method == 'POST'";
                    case 6 -> "jwt.org.team in ['a-" + i + "', 'b-" + i + "'] && request.path.startsWith('/v1/')";
                    default -> "request.path.matches('^/v1/models/m-" + i + "/[a-z]+$')";
                };
            default -> "";
        };
    }

    @TearDown(Level.Trial)
    public void end() {
        remembering.close();
        forgetting.close();
    }

    @Benchmark
    public Decision hot() {
        return remembering.decide(new WireRequest("Bearer " + token));
    }

    @Benchmark
    public Decision cold() {
        return forgetting.decide(new WireRequest("Bearer " + token));
    }
}

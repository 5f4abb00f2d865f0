package io.gatepost.benchmarks;

import io.gatepost.tools.token.TokenBuilder;
import io.gatepost.tools.token.TokenIssuer;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** An issuer and its tokens, as large as identity providers make them. */
final class Tokens {
    static final String AUDIENCE = "llm";

    final TokenIssuer issuer;

    Tokens(String algorithm) {
        issuer = TokenIssuer.of("https://issuer.test", algorithm, "k1", Clock.systemUTC());
    }

    /** With RS256, some 650 characters. */
    String token(int number) {
        return claims(number).compact();
    }

    /** A token with as many groups more. */
    String token(int number, int groups) {
        List<String> names =
                IntStream.range(0, groups).mapToObj(i -> "group-" + i).toList();
        return claims(number).claim("groups", names).compact();
    }

    private TokenBuilder claims(int number) {
        return issuer.token()
                .subject("alice")
                .expiresIn(Duration.ofDays(1))
                .claim("aud", AUDIENCE)
                .claim("jti", "t" + number)
                .claim("team", "research")
                .claim("roles", List.of("user", "reader", "admin"));
    }
}

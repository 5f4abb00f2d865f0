package io.gatepost.policy;

import io.gatepost.policy.model.Diagnostic;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.TokenLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what a request offers as its credential, all of it, so that duplicates stay visible. Does not judge. */
final class TokenExtractor {
    private final @Nullable TokenLocation location;

    private TokenExtractor(@Nullable TokenLocation location) {
        this.location = location;
    }

    static TokenExtractor of(
            @Nullable JwtAuthentication jwt, @Nullable ExpressionCompiler compiler, List<Diagnostic> found) {
        return new TokenExtractor(jwt == null ? null : jwt.location());
    }

    TokenLocation location() {
        return location == null ? TokenLocation.BEARER : location;
    }

    Set<String> reads() {
        return Set.of();
    }

    List<String> extract(PolicyRequest request) {
        if (!(location instanceof TokenLocation.Header header)) {
            return List.of();
        }
        String prefix = header.prefix() == null ? "" : header.prefix();
        List<String> tokens = new ArrayList<>();
        for (String value : request.headers(header.name())) {
            if (value.regionMatches(true, 0, prefix, 0, prefix.length())) {
                tokens.add(value.substring(prefix.length()));
            }
        }
        return tokens;
    }
}

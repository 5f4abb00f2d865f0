package io.gatepost.tools.suite;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the small changes of an authentication: each thing that it demands is demanded no longer. */
final class AuthenticationMutants {
    private final JwtAuthentication jwt;
    private final List<Mutant> mutants = new ArrayList<>();

    private AuthenticationMutants(JwtAuthentication jwt) {
        this.jwt = jwt;
    }

    /** A changed authentication. */
    record Mutant(JwtAuthentication changed, Origin origin, String change) {}

    static List<Mutant> of(JwtAuthentication jwt) {
        AuthenticationMutants made = new AuthenticationMutants(jwt);
        made.modes();
        for (int i = 0; i < jwt.providers().size(); i++) {
            made.provider(i);
        }
        return made.mutants;
    }

    private void modes() {
        for (JwtMode other : JwtMode.values()) {
            if (other != jwt.mode()) {
                mutants.add(new Mutant(
                        new JwtAuthentication(other, jwt.providers(), jwt.location(), jwt.origin()),
                        jwt.origin(),
                        "`mode` were `" + PolicyMutants.word(other) + "`"));
            }
        }
    }

    private void provider(int index) {
        JwtProvider provider = jwt.providers().get(index);
        if (jwt.providers().size() > 1) {
            add(index, null, "the provider `" + provider.issuer() + "` were absent");
        }
        if (!provider.audiences().isEmpty()) {
            add(
                    index,
                    with(provider, List.of(), provider.requiredClaims(), provider.tokenType()),
                    "`audiences` of `" + provider.issuer() + "` were not checked");
        }
        if (provider.tokenType() != null) {
            add(
                    index,
                    with(provider, provider.audiences(), provider.requiredClaims(), null),
                    "`tokenType` of `" + provider.issuer() + "` were not checked");
        }
        if (!provider.requiredClaims().equals(JwtProvider.DEFAULT_REQUIRED_CLAIMS)) {
            provider.requiredClaims().stream().sorted().forEach(claim -> without(index, provider, claim));
        }
    }

    private void without(int index, JwtProvider provider, String claim) {
        Set<String> rest = new HashSet<>(provider.requiredClaims());
        rest.remove(claim);
        add(
                index,
                with(provider, provider.audiences(), rest, provider.tokenType()),
                "`" + claim + "` were not required of `" + provider.issuer() + "`");
    }

    private void add(int index, @Nullable JwtProvider changed, String change) {
        List<JwtProvider> providers = new ArrayList<>(jwt.providers());
        Origin origin = providers.remove(index).origin();
        if (changed != null) {
            providers.add(index, changed);
        }
        mutants.add(new Mutant(jwt.withProviders(providers), origin, change));
    }

    private static JwtProvider with(
            JwtProvider provider, List<String> audiences, Set<String> required, @Nullable String tokenType) {
        return new JwtProvider(
                provider.issuer(),
                audiences,
                provider.jwks(),
                required,
                provider.clockSkew(),
                tokenType,
                provider.origin());
    }
}

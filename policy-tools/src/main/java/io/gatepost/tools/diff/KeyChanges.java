package io.gatepost.tools.diff;

import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.explain.Signer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which keys of an issuer both sides trust, and which only one of them. Immutable. */
final class KeyChanges {
    private final Map<String, Keys> before;
    private final Map<String, Keys> now;
    private final List<String> untold = new ArrayList<>();

    /**
     * Of one issuer.
     *
     * @param known those that can be read
     * @param elsewhere where the others are
     */
    private record Keys(Set<String> known, Set<String> elsewhere) {
        Keys() {
            this(new HashSet<>(), new LinkedHashSet<>());
        }
    }

    KeyChanges(List<TrafficPolicy> from, List<TrafficPolicy> to) {
        before = keys(from);
        now = keys(to);
        before.forEach((issuer, keys) -> {
            Keys other = now.get(issuer);
            if (other != null && !keys.elsewhere().equals(other.elsewhere())) {
                untold.add("the keys of `" + issuer + "` stood " + told(keys) + " and stand " + told(other)
                        + ": whether they are the same can't be read here");
            }
        });
        if (!computed(from).equals(computed(to))) {
            untold.add("where the token stands is computed: tokens were judged by what they claim only");
        }
    }

    private static String told(Keys keys) {
        return keys.elsewhere().isEmpty() ? "in the policy or a file" : "at " + String.join(", ", keys.elsewhere());
    }

    private static Map<String, Keys> keys(List<TrafficPolicy> policies) {
        Map<String, Keys> keys = new HashMap<>();
        providers(policies).forEach(provider -> {
            Keys ofIssuer = keys.computeIfAbsent(provider.issuer(), issuer -> new Keys());
            Set<String> read = KeySetParts.of(provider.jwks());
            if (read == null) {
                ofIssuer.elsewhere().add(place(provider.jwks()));
            } else {
                ofIssuer.known().addAll(read);
            }
        });
        return keys;
    }

    /** How long keys are kept is no matter of which they are. */
    private static String place(JwksSource source) {
        Map<String, String> parts = Parts.of((Record) source);
        parts.remove("cacheDuration");
        return source.getClass().getSimpleName() + parts;
    }

    private static Stream<JwtProvider> providers(List<TrafficPolicy> policies) {
        return policies.stream()
                .map(TrafficPolicy::jwtAuthentication)
                .filter(Objects::nonNull)
                .flatMap(jwt -> jwt.providers().stream());
    }

    private static List<String> computed(List<TrafficPolicy> policies) {
        return policies.stream()
                .map(TrafficPolicy::jwtAuthentication)
                .filter(jwt -> jwt != null && jwt.location() instanceof TokenLocation.Computed)
                .map(jwt -> Parts.told(Objects.requireNonNull(jwt).location()))
                .toList();
    }

    Set<Signer> before(JwtProvider provider) {
        return signers(provider, now.get(provider.issuer()), Signer.BEFORE);
    }

    Set<Signer> now(JwtProvider provider) {
        return signers(provider, before.get(provider.issuer()), Signer.NOW);
    }

    private static Set<Signer> signers(JwtProvider provider, @Nullable Keys others, Signer alone) {
        Set<String> own = KeySetParts.of(provider.jwks());
        if (own == null
                || own.isEmpty()
                || others == null
                || !others.elsewhere().isEmpty()) {
            return EnumSet.of(Signer.BOTH);
        }
        Set<Signer> signers = EnumSet.noneOf(Signer.class);
        own.forEach(key -> signers.add(others.known().contains(key) ? Signer.BOTH : alone));
        return signers;
    }

    List<String> untold() {
        return untold;
    }
}

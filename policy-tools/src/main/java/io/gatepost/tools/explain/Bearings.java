package io.gatepost.tools.explain;

import io.gatepost.policy.RoutePolicies;
import io.gatepost.policy.cel.Comparison;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that requests are made up with: none, and of each issuer that either side trusts those that one or both
 * take, and those that miss what they demand. Not thread-safe.
 */
final class Bearings {
    /** Claims that providers judge; all others are for rules alone. */
    static final Set<String> JUDGED = Set.of("iss", "aud", "exp", "nbf", "iat");

    private static final String NOBODY = "https://nobody.invalid";

    private final List<JwtAuthentication> authentications;
    private final List<JwtProvider> providers;
    private final boolean doubtful;
    private final Set<Signer> signers;
    private final long now;
    private final List<Comparison> comparisons;

    /**
     * @param sides what is in force on either side
     * @param signers whose tokens either side takes
     * @param comparisons what rules compare
     * @param now what times count from, in seconds
     */
    Bearings(List<RoutePolicies> sides, Set<Signer> signers, Collection<Comparison> comparisons, long now) {
        this.signers = signers;
        this.comparisons = List.copyOf(comparisons);
        this.now = now;
        authentications = sides.stream()
                .flatMap(policies -> ChangedPolicies.authentications(policies).stream())
                .toList();
        providers = authentications.stream()
                .flatMap(jwt -> jwt.providers().stream())
                .distinct()
                .toList();
        doubtful = signers.size() > 1
                || sides.stream().map(Bearings::demands).distinct().count() > 1;
    }

    /** Whether the two sides may judge tokens differently. */
    boolean isDoubtful() {
        return doubtful;
    }

    /** What is demanded of a token, but for the keys and where it is written. */
    private static List<Object> demands(RoutePolicies policies) {
        return ChangedPolicies.authentications(policies).stream()
                .<Object>map(jwt -> Arrays.<Object>asList(
                        jwt.mode(),
                        jwt.location(),
                        jwt.providers().stream()
                                .map(provider -> Arrays.<Object>asList(
                                        provider.issuer(),
                                        provider.audiences(),
                                        provider.requiredClaims(),
                                        provider.clockSkew(),
                                        String.valueOf(provider.tokenType())))
                                .toList()))
                .toList();
    }

    List<Bearing> all() {
        Set<Bearing> all = new LinkedHashSet<>(List.of(Bearing.NONE));
        for (String issuer :
                providers.stream().map(JwtProvider::issuer).distinct().toList()) {
            good(issuer).forEach(good -> addLike(good, all));
        }
        if (doubtful) {
            locations().forEach(location -> {
                all.add(Bearing.NONE.at(location));
                all.add(Bearing.NONE.with("iss", NOBODY).with("exp", now + 300).at(location));
            });
        }
        return List.copyOf(all);
    }

    private List<TokenLocation> locations() {
        return authentications.stream()
                .map(JwtAuthentication::location)
                .filter(location -> !(location instanceof TokenLocation.Computed))
                .distinct()
                .toList();
    }

    /** Such as each provider of the issuer demands. */
    private List<Bearing> good(String issuer) {
        List<Bearing> good = new ArrayList<>();
        for (JwtProvider provider : providers) {
            if (provider.issuer().equals(issuer)) {
                Bearing one = Bearing.NONE.with("iss", issuer).with("exp", now + 300);
                one = provider.audiences().isEmpty()
                        ? one
                        : one.with("aud", provider.audiences().get(0));
                for (String name : provider.requiredClaims().stream().sorted().toList()) {
                    if (!name.equals("exp") && !name.equals("iss") && !name.equals("aud")) {
                        one = one.with(name, name.equals("nbf") || name.equals("iat") ? (Object) (now - 1) : "any");
                    }
                }
                good.add(one.ofType(provider.tokenType()));
            }
        }
        return good.stream().distinct().toList();
    }

    /** The same, with one and with two things changed. */
    private void addLike(Bearing good, Set<Bearing> all) {
        List<List<UnaryOperator<Bearing>>> changes = changes(good);
        List<TokenLocation> places = doubtful ? locations() : List.of();
        for (Bearing placed :
                places.isEmpty() ? List.of(good) : places.stream().map(good::at).toList()) {
            all.add(placed);
            for (int i = 0; i < changes.size(); i++) {
                for (UnaryOperator<Bearing> change : changes.get(i)) {
                    Bearing changed = change.apply(placed);
                    all.add(changed);
                    changes.subList(i + 1, changes.size()).stream()
                            .flatMap(List::stream)
                            .forEach(other -> all.add(other.apply(changed)));
                }
            }
        }
    }

    private List<List<UnaryOperator<Bearing>>> changes(Bearing good) {
        Map<String, Set<Object>> claims = new LinkedHashMap<>();
        comparisons.stream()
                .filter(one -> one.literal() instanceof String && one.path().equals("jwt.aud"))
                .forEach(one -> put("aud", one.literal(), good, claims));
        List<List<UnaryOperator<Bearing>>> changes = new ArrayList<>();
        if (doubtful) {
            providers.forEach(provider -> addDemands(provider, good, claims));
            List<UnaryOperator<Bearing>> types = new ArrayList<>();
            Stream.concat(Stream.of("JWT", "other"), providers.stream().map(JwtProvider::tokenType))
                    .distinct()
                    .filter(type -> providers.stream().anyMatch(provider -> provider.tokenType() != null))
                    .forEach(type -> types.add(bearing -> bearing.ofType(type)));
            changes.add(types);
            changes.add(signers.stream()
                    .<UnaryOperator<Bearing>>map(signer -> bearing -> bearing.signedBy(signer))
                    .toList());
        }
        claims.forEach((name, values) -> changes.add(values.stream()
                .<UnaryOperator<Bearing>>map(value -> bearing -> bearing.with(name, value))
                .toList()));
        return changes;
    }

    private void addDemands(JwtProvider provider, Bearing good, Map<String, Set<Object>> claims) {
        provider.audiences().forEach(audience -> put("aud", audience, good, claims));
        if (providers.stream().anyMatch(one -> !one.audiences().isEmpty())) {
            put("aud", "other", null, claims);
            put("aud", Paths.ABSENT, null, claims);
        }
        provider.requiredClaims().forEach(name -> put(name, Paths.ABSENT, null, claims));
        Duration skew = provider.clockSkew();
        put("exp", now - skew.toSeconds() / 2 - 1, null, claims);
        put("exp", now - skew.toSeconds() - 2, null, claims);
        put("nbf", now + skew.toSeconds() / 2 + 1, null, claims);
        put("nbf", now + skew.toSeconds() + 10, null, claims);
    }

    private static void put(String claim, Object value, @Nullable Bearing good, Map<String, Set<Object>> claims) {
        Set<Object> values = claims.computeIfAbsent(claim, absent -> new LinkedHashSet<>());
        values.add(value);
        Object usual =
                good == null || good.claims() == null ? null : good.claims().get(claim);
        if (usual != null && !usual.equals(value)) {
            values.add(List.of(usual, value));
        }
    }
}

package io.gatepost.samples.gateway.server;

import io.gatepost.policy.cel.LinearRegex;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.Backend;
import io.gatepost.routes.manifest.Manifests;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a warm-up serves: the loaded routes and policies, but with its own keys and without any secret, and beside them
 * a policy of its own of which it knows what it allows.
 */
final class WarmUpManifests {
    /** The listener of the own policy; no name of the outside world. */
    static final String HOST = "warm-up.invalid";

    /** With more routes than this, building them takes longer than they are worth. */
    private static final int MOST_ROUTES = 256;

    private final Manifests own;
    private final Manifests loaded;
    private final JwksSource keys;

    WarmUpManifests(Manifests loaded, JwksSource.Inline keys) {
        own = Manifests.parse("warm-up.yaml", text().replace("JWKS", keys.text()), LinearRegex::of)
                .orInvalid();
        this.loaded = loaded;
        this.keys = keys;
    }

    private static String text() {
        try (InputStream text = WarmUpManifests.class.getResourceAsStream("warm-up.yaml")) {
            return new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The provider of the own policy. */
    JwtProvider ownProvider() {
        return Objects.requireNonNull(own.policies().get(0).jwtAuthentication())
                .providers()
                .get(0);
    }

    /** The loaded policies' providers, as far as they are served. */
    List<JwtProvider> providers() {
        return served().policies().stream()
                .map(TrafficPolicy::jwtAuthentication)
                .filter(Objects::nonNull)
                .flatMap(authentication -> authentication.providers().stream())
                .filter(provider -> !provider.equals(ownProvider()))
                .distinct()
                .toList();
    }

    /** Of the loaded ones no diagnostics: whoever reads the log knows them. */
    Manifests served() {
        if (loaded.routes().size() > MOST_ROUTES) {
            return own;
        }
        return new Manifests(
                both(loaded.gateways(), own.gateways()),
                both(loaded.routes(), own.routes()),
                both(
                        loaded.backends().stream()
                                .map(WarmUpManifests::withoutSecret)
                                .toList(),
                        own.backends()),
                List.of(),
                List.of(),
                loaded.services(),
                List.of(),
                both(loaded.policies().stream().map(this::withOwnKeys).toList(), own.policies()),
                loaded.corsPolicies(),
                loaded.rejectedPolicies(),
                List.of(),
                List.of(),
                List.of(),
                true,
                List.of());
    }

    private static <T> List<T> both(List<T> some, List<T> others) {
        List<T> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    private static Backend withoutSecret(Backend backend) {
        Backend.Auth auth = backend.auth() instanceof Backend.Passthrough ? backend.auth() : null;
        return new Backend(backend.name(), backend.upstream(), auth, null, backend.origin());
    }

    private TrafficPolicy withOwnKeys(TrafficPolicy policy) {
        JwtAuthentication authentication = policy.jwtAuthentication();
        return authentication == null
                ? policy
                : policy.withJwtAuthentication(authentication.withProviders(authentication.providers().stream()
                        .map(provider -> provider.withJwks(keys))
                        .toList()));
    }
}

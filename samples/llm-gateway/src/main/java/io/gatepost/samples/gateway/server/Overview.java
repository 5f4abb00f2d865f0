package io.gatepost.samples.gateway.server;

import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.Attachment;
import io.gatepost.routes.manifest.Gateway;
import io.gatepost.routes.manifest.Gateway.Listener;
import io.gatepost.routes.manifest.Manifests;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Says in a line or two for each route what guards it, for whoever starts the gateway. Holds no secret. */
final class Overview {
    private final Manifests manifests;
    private final List<String> lines = new ArrayList<>();

    private Overview(Manifests manifests) {
        this.manifests = manifests;
    }

    static List<String> of(Manifests manifests) {
        Overview overview = new Overview(manifests);
        for (Gateway gateway : manifests.gateways()) {
            for (Listener listener : gateway.listeners()) {
                overview.add(gateway, listener);
            }
        }
        return overview.lines.stream().distinct().toList();
    }

    private void add(Gateway gateway, Listener listener) {
        EffectivePolicy before = Attachment.preRouting(gateway, listener, manifests.policies());
        if (!before.policies().isEmpty()) {
            lines.add("all routes of gateway " + gateway.name() + ": " + guard(before));
        }
        for (Attachment at : manifests.attachments(gateway, listener)) {
            EffectivePolicy after = at.postRouting(manifests.policies());
            boolean open = before.policies().isEmpty() && after.policies().isEmpty();
            if (open || !after.policies().isEmpty()) {
                lines.add("route " + at.route().name() + ": "
                        + (open ? "open to everyone, no policy applies" : guard(after)));
            }
        }
    }

    private static String guard(EffectivePolicy policy) {
        String names = policy.policies().stream()
                .map(one -> one.name() + (one.hasShadow() ? " NOT ENFORCED" : ""))
                .distinct()
                .collect(Collectors.joining(", "));
        JwtAuthentication jwt = policy.jwtAuthentication();
        return (jwt == null ? "no token asked for" : tokens(jwt)) + rules(policy) + " (policy " + names + ")";
    }

    private static String tokens(JwtAuthentication jwt) {
        return jwt.mode().name().toLowerCase(Locale.ROOT) + " JWT of "
                + jwt.providers().stream().map(Overview::provider).collect(Collectors.joining(" or of "));
    }

    private static String provider(JwtProvider provider) {
        return provider.issuer() + ", keys " + keys(provider.jwks());
    }

    private static String keys(JwksSource source) {
        if (source instanceof JwksSource.File file) {
            return "from " + file.path();
        }
        if (source instanceof JwksSource.RemoteUrl remote) {
            return "from " + remote.url();
        }
        if (source instanceof JwksSource.RemoteBackend remote) {
            return "from " + remote.kind() + " " + remote.namespace() + "/" + remote.name();
        }
        return source instanceof JwksSource.Discovery ? "by discovery" : "in the policy";
    }

    private static String rules(EffectivePolicy policy) {
        long count = policy.authorizing().stream()
                .map(TrafficPolicy::authorization)
                .filter(rules -> rules != null)
                .mapToLong(rules -> rules.matchExpressions().size())
                .sum();
        return count == 0 ? "" : count == 1 ? ", 1 rule" : ", " + count + " rules";
    }
}

package io.gatepost.tools.explain;

import io.gatepost.policy.DenyReason;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.token.TokenExamination;
import io.gatepost.policy.token.TokenExamination.Check;
import io.gatepost.policy.token.TokenExamination.Result;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What tokens would pass where one did not: for each provider the nearest one. Not thread-safe. */
final class TokenCures {
    private static final Set<String> WHOLE = Set.of("credential", "form", "provider", "key", "signature", "typ");
    private static final long LIFETIME = 300;

    private final JwtAuthentication jwt;
    private final TokenExamination examination;
    private final World world;
    private final Instant now;

    TokenCures(JwtAuthentication jwt, TokenExamination examination, World world, Instant now) {
        this.jwt = jwt;
        this.examination = examination;
        this.world = world;
        this.now = now;
    }

    /** A world with another token, and what is other about it. */
    record Start(World world, List<Change> changes) {
        Start {
            changes = List.copyOf(changes);
        }
    }

    List<Start> find() {
        List<Start> starts = new ArrayList<>(oneOfSeveral());
        List<JwtProvider> named = jwt.providers().stream()
                .filter(provider -> names(examination.claims().get("iss"), provider.issuer()))
                .toList();
        (named.isEmpty() ? jwt.providers() : named).forEach(provider -> starts.add(start(provider)));
        return starts;
    }

    private static boolean names(@Nullable Object claim, String issuer) {
        return issuer.equals(claim) || (claim instanceof List<?> several && several.contains(issuer));
    }

    /** Of several headers each alone. */
    private List<Start> oneOfSeveral() {
        if (!(jwt.location() instanceof TokenLocation.Header header)) {
            return List.of();
        }
        List<String> values = world.request().headers(header.name());
        List<Start> starts = new ArrayList<>();
        for (int i = 0; i < values.size() && values.size() > 1; i++) {
            String text = "one header `" + header.name() + "`, not " + values.size() + ": number " + (i + 1) + " alone";
            starts.add(new Start(
                    world.withRequest(world.request().withHeader(header.name(), List.of(values.get(i)))),
                    List.of(new Change(Change.Kind.CREDENTIAL, header.name(), text))));
        }
        return starts;
    }

    private Start start(JwtProvider provider) {
        boolean read = !examination.claims().isEmpty();
        Map<String, @Nullable Object> claims = new LinkedHashMap<>(examination.claims());
        List<Change> changes = new ArrayList<>();
        Check whole = read ? failed(WHOLE) : null;
        if (!read) {
            changes.add(new Change(Change.Kind.CREDENTIAL, "", fresh(provider)));
        } else if (whole != null) {
            changes.add(credential(whole, provider));
        }
        claims.put("iss", provider.issuer());
        List<Change> mended = mend(provider, claims);
        if (read) {
            changes.addAll(mended);
        }
        return new Start(world.withClaims(claims), changes);
    }

    private @Nullable Check failed(Set<String> names) {
        return examination.checks().stream()
                .filter(check -> check.result() == Result.FAILED && names.contains(check.name()))
                .findFirst()
                .orElse(null);
    }

    private String fresh(JwtProvider provider) {
        Check check = failed(WHOLE);
        String instead = check == null || check.reason() == DenyReason.TOKEN_MISSING
                ? ""
                : check.name().equals("form") ? ", not what this one is: " + check.found() : ", not " + check.found();
        String audience = provider.audiences().isEmpty()
                ? ""
                : " for the audience `" + provider.audiences().get(0) + "`";
        String expected = check == null || !check.name().equals("credential")
                ? ""
                : check.expected().replaceFirst("^one token", "");
        return "a signed JWT of `" + provider.issuer() + "`" + audience + expected + instead;
    }

    private static Change credential(Check check, JwtProvider provider) {
        String issuer = "`" + provider.issuer() + "`";
        if (check.reason() == DenyReason.KEYS_UNAVAILABLE) {
            return new Change(Change.Kind.KEYS, provider.issuer(), "keys of " + issuer + " that can be read");
        }
        String text = switch (check.name()) {
            case "provider" -> "a token of " + issuer + ", signed with its key: of this one " + check.found();
            case "key" ->
                check.reason() == DenyReason.ALGORITHM_NOT_ALLOWED
                        ? "a token signed as the key allows: expected " + check.expected() + ", there is "
                                + check.found()
                        : "a token signed with a key of " + issuer + ": expected " + check.expected() + ", there is "
                                + check.found();
            case "signature" -> "a token as " + issuer + " signed it: its key did not sign this one";
            default -> "a token with `typ` " + check.expected() + ", not " + check.found();
        };
        return new Change(Change.Kind.CREDENTIAL, check.name(), text);
    }

    /** Makes the claims such as the provider demands, and tells what that took. */
    private List<Change> mend(JwtProvider provider, Map<String, @Nullable Object> claims) {
        List<Change> changes = new ArrayList<>();
        mendTimes(provider, claims, changes);
        mendTypes(claims, changes);
        if (!provider.audiences().isEmpty() && !isMeant(provider, claims.get("aud"))) {
            String found = Shown.of(claims.get("aud"));
            String wanted = "claim `aud` with `" + String.join("` or `", provider.audiences()) + "` in it, ";
            changes.add(new Change(
                    claims.containsKey("aud") ? Change.Kind.CLAIM : Change.Kind.CLAIM_PRESENCE,
                    "aud",
                    wanted + (claims.containsKey("aud") ? "not " + found : "which is absent")));
            claims.put("aud", provider.audiences().get(0));
        }
        for (String name : provider.requiredClaims().stream().sorted().toList()) {
            if (claims.get(name) == null) {
                claims.put(name, name.equals("nbf") || name.equals("iat") ? (Object) now.getEpochSecond() : "any");
                changes.add(new Change(
                        Change.Kind.CLAIM_PRESENCE, name, "claim `" + name + "`, which is required and absent"));
            }
        }
        return changes;
    }

    private void mendTimes(JwtProvider provider, Map<String, @Nullable Object> claims, List<Change> changes) {
        boolean needed = provider.requiredClaims().contains("exp")
                || examination.claims().isEmpty();
        if (claims.get("exp") == null && (needed || claims.containsKey("exp"))) {
            claims.put("exp", now.getEpochSecond() + LIFETIME);
            changes.add(new Change(Change.Kind.CLAIM_PRESENCE, "exp", "claim `exp`, which is required and absent"));
        }
        Check expired = failed(Set.of("exp"));
        if (expired != null && expired.reason() == DenyReason.TOKEN_EXPIRED) {
            claims.put("exp", now.getEpochSecond() + LIFETIME);
            String text = "a fresh token: `exp` " + expired.expected() + ", not " + expired.found();
            changes.add(new Change(Change.Kind.FRESHNESS, "exp", text));
        }
        Check early = failed(Set.of("nbf"));
        if (early != null && early.reason() == DenyReason.TOKEN_NOT_YET_VALID) {
            claims.put("nbf", now.getEpochSecond());
            String text = "a token that is valid already: `nbf` " + early.expected() + ", not " + early.found();
            changes.add(new Change(Change.Kind.FRESHNESS, "nbf", text));
        }
    }

    private void mendTypes(Map<String, @Nullable Object> claims, List<Change> changes) {
        for (String name : List.of("exp", "nbf", "iat")) {
            if (claims.containsKey(name) && !(claims.get(name) instanceof Number)) {
                claims.put(name, now.getEpochSecond() + (name.equals("exp") ? LIFETIME : 0));
                changes.add(typed(name, "a number of seconds"));
            }
        }
        for (String name : List.of("sub", "jti")) {
            if (claims.containsKey(name) && !(claims.get(name) instanceof String)) {
                claims.put(name, String.valueOf(claims.get(name)));
                changes.add(typed(name, "a string"));
            }
        }
        Object audience = claims.get("aud");
        boolean texts = audience instanceof String
                || (audience instanceof List<?> several && several.stream().allMatch(String.class::isInstance));
        if (claims.containsKey("aud") && !texts) {
            claims.remove("aud");
            changes.add(typed("aud", "a string or a list of strings"));
        }
    }

    private static Change typed(String name, String type) {
        return new Change(Change.Kind.CLAIM, name, "claim `" + name + "` as " + type);
    }

    private static boolean isMeant(JwtProvider provider, @Nullable Object audience) {
        return provider.audiences().stream().anyMatch(one -> names(audience, one));
    }
}

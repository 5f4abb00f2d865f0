package io.gatepost.testkit.diff;

import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.EvaluationErrorPolicy;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Origin;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.testkit.diff.Difference.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What two sets of policies say differently; comments, layout and the order of policies do not count. */
final class Differences {
    private final List<Difference> found = new ArrayList<>();

    private Differences() {}

    static List<Difference> of(List<TrafficPolicy> from, List<TrafficPolicy> to) {
        Differences differences = new Differences();
        Map<ObjectName, TrafficPolicy> before = byName(from);
        Map<ObjectName, TrafficPolicy> after = byName(to);
        before.forEach((name, policy) -> {
            if (!after.containsKey(name)) {
                differences.add(Kind.REMOVED, "policy " + name, policy.origin(), Origin.CODE);
            }
        });
        after.forEach((name, policy) -> {
            TrafficPolicy old = before.get(name);
            if (old == null) {
                differences.add(Kind.ADDED, "policy " + name, Origin.CODE, policy.origin());
            } else {
                differences.compare(old, policy);
            }
        });
        differences.compareRules(rules(from), rules(to));
        return differences.found;
    }

    private static Map<ObjectName, TrafficPolicy> byName(List<TrafficPolicy> policies) {
        Map<ObjectName, TrafficPolicy> byName = new LinkedHashMap<>();
        policies.forEach(policy -> byName.put(policy.name(), policy));
        return byName;
    }

    private void add(Kind kind, String text, Origin from, Origin to) {
        found.add(new Difference(kind, text, from, to));
    }

    private <T> void compare(String what, T one, T other, Function<T, ?> value, Function<T, Origin> origin) {
        String before = String.valueOf(value.apply(one));
        String after = String.valueOf(value.apply(other));
        if (!before.equals(after)) {
            add(Kind.CHANGED, what + ": " + before + " is now " + after, origin.apply(one), origin.apply(other));
        }
    }

    private void compare(TrafficPolicy one, TrafficPolicy other) {
        String of = " of policy " + one.name();
        compare("targets" + of, one, other, Differences::targets, TrafficPolicy::origin);
        compare("phase" + of, one, other, policy -> word(policy.phase()), TrafficPolicy::origin);
        compare("inheritance" + of, one, other, policy -> word(policy.inheritance()), TrafficPolicy::origin);
        JwtAuthentication before = one.jwtAuthentication();
        JwtAuthentication after = other.jwtAuthentication();
        if (before != null && after != null) {
            compare(before, after, of);
        } else if (before != null) {
            add(Kind.REMOVED, "jwtAuthentication" + of, before.origin(), Origin.CODE);
        } else if (after != null) {
            add(Kind.ADDED, "jwtAuthentication" + of, Origin.CODE, after.origin());
        }
    }

    private static String targets(TrafficPolicy policy) {
        return new TreeSet<>(policy.targetRefs().stream().map(Object::toString).toList())
                + (policy.targetSelectors().isEmpty()
                        ? ""
                        : new TreeSet<>(policy.targetSelectors().stream()
                                        .map(Object::toString)
                                        .toList())
                                .toString());
    }

    private void compare(JwtAuthentication one, JwtAuthentication other, String of) {
        compare("mode" + of, one, other, jwt -> word(jwt.mode()), JwtAuthentication::origin);
        compare("location" + of, one, other, jwt -> jwt.location().toString(), JwtAuthentication::origin);
        Map<String, JwtProvider> before = providers(one);
        Map<String, JwtProvider> after = providers(other);
        before.forEach((name, provider) -> {
            if (!after.containsKey(name)) {
                add(Kind.REMOVED, "provider " + name + of, provider.origin(), Origin.CODE);
            }
        });
        after.forEach((name, provider) -> {
            JwtProvider old = before.get(name);
            if (old == null) {
                add(Kind.ADDED, "provider " + name + of, Origin.CODE, provider.origin());
            } else {
                compare(old, provider, " of provider " + name + of);
            }
        });
    }

    /** By issuer; several of one issuer are told apart by their order. */
    private static Map<String, JwtProvider> providers(JwtAuthentication jwt) {
        Map<String, JwtProvider> byName = new LinkedHashMap<>();
        for (JwtProvider provider : jwt.providers()) {
            String name = "`" + provider.issuer() + "`";
            int number = 2;
            while (byName.putIfAbsent(name, provider) != null) {
                name = "`" + provider.issuer() + "` (number " + number++ + ")";
            }
        }
        return byName;
    }

    private void compare(JwtProvider one, JwtProvider other, String of) {
        Function<JwtProvider, Origin> origin = JwtProvider::origin;
        compare("audiences" + of, one, other, provider -> new TreeSet<>(provider.audiences()), origin);
        compare("requiredClaims" + of, one, other, provider -> new TreeSet<>(provider.requiredClaims()), origin);
        compare("clockSkew" + of, one, other, provider -> provider.clockSkew().toSeconds() + " s", origin);
        compare("tokenType" + of, one, other, JwtProvider::tokenType, origin);
        compare("keys" + of, one, other, provider -> keys(provider.jwks()), origin);
    }

    private static String keys(JwksSource source) {
        if (source instanceof JwksSource.Inline inline) {
            return "inline, digest "
                    + Integer.toHexString(inline.text().replaceAll("\\s", "").hashCode());
        }
        if (source instanceof JwksSource.File file) {
            return "of " + file.path().getFileName();
        }
        if (source instanceof JwksSource.RemoteUrl remote) {
            return "of " + remote.url() + " every " + remote.cacheDuration();
        }
        return source instanceof JwksSource.RemoteBackend backend
                ? "of " + backend.kind() + " " + backend.namespace() + "/" + backend.name() + " " + backend.path()
                : "by discovery";
    }

    /** An expression and where it counts. */
    private record Rule(
            ObjectName policy,
            AuthorizationAction action,
            EvaluationErrorPolicy onError,
            String text,
            MatchExpression source) {
        String told() {
            String ignoring = onError == EvaluationErrorPolicy.IGNORE ? ", errors ignored" : "";
            return word(action) + " `" + text + "` of " + policy + ignoring;
        }

        boolean isSame(Rule other) {
            return isSameAction(other) && policy.equals(other.policy) && text.equals(other.text);
        }

        boolean isSameAction(Rule other) {
            return action == other.action && onError == other.onError;
        }
    }

    private static List<Rule> rules(List<TrafficPolicy> policies) {
        List<Rule> rules = new ArrayList<>();
        for (TrafficPolicy policy : policies) {
            Authorization terms = policy.authorization();
            for (MatchExpression expression : terms == null ? List.<MatchExpression>of() : terms.matchExpressions()) {
                rules.add(new Rule(
                        policy.name(),
                        Objects.requireNonNull(terms).action(),
                        terms.onEvaluationError(),
                        plain(expression.text()),
                        expression));
            }
        }
        return rules;
    }

    private void compareRules(List<Rule> from, List<Rule> to) {
        List<Rule> before = new ArrayList<>(from);
        List<Rule> after = new ArrayList<>(to);
        pair(before, after, Rule::isSame, (one, other) -> {});
        pair(before, after, (one, other) -> one.text().equals(other.text()), this::moved);
        pair(
                before,
                after,
                (one, other) -> one.isSameAction(other) && one.policy().equals(other.policy()),
                this::changed);
        before.forEach(rule -> add(Kind.REMOVED, rule.told(), rule.source().origin(), Origin.CODE));
        after.forEach(
                rule -> add(Kind.ADDED, rule.told(), Origin.CODE, rule.source().origin()));
    }

    private void moved(Rule one, Rule other) {
        add(
                Kind.MOVED,
                one.told() + " is now " + other.told(),
                one.source().origin(),
                other.source().origin());
    }

    private void changed(Rule one, Rule other) {
        add(
                Kind.CHANGED,
                one.told() + " is now `" + other.text() + "`",
                one.source().origin(),
                other.source().origin());
    }

    private interface Told {
        void pair(Rule one, Rule other);
    }

    private interface Like {
        boolean test(Rule one, Rule other);
    }

    private static void pair(List<Rule> before, List<Rule> after, Like like, Told told) {
        for (Rule one : List.copyOf(before)) {
            Rule twin = after.stream()
                    .filter(other -> like.test(one, other))
                    .findFirst()
                    .orElse(null);
            if (twin != null) {
                told.pair(one, twin);
                before.remove(one);
                after.remove(twin);
            }
        }
    }

    /** In one line, with single blanks outside of what is quoted. */
    private static String plain(String expression) {
        StringBuilder plain = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < expression.length(); i++) {
            char c = expression.charAt(i);
            boolean escaped = quote != 0 && c == '\\' && i + 1 < expression.length();
            if (quote == 0 && Character.isWhitespace(c)) {
                if (!plain.isEmpty() && plain.charAt(plain.length() - 1) != ' ') {
                    plain.append(' ');
                }
            } else {
                plain.append(c);
            }
            if (escaped) {
                plain.append(expression.charAt(++i));
            } else if (c == '"' || c == '\'') {
                quote = quote == 0 ? c : quote == c ? 0 : quote;
            }
        }
        return plain.toString().strip();
    }

    private static String word(@Nullable Enum<?> constant) {
        String name = String.valueOf(constant);
        StringBuilder word = new StringBuilder();
        for (String part : name.split("_", -1)) {
            word.append(part.charAt(0)).append(part.substring(1).toLowerCase(Locale.ROOT));
        }
        return word.toString();
    }
}

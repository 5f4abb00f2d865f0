package io.gatepost.tools.diff;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.Enforcement;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.diff.Difference.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What two sets of policies say differently; comments, layout and the order of policies do not count. */
final class Differences {
    private final List<Difference> found = new ArrayList<>();

    private Differences() {}

    static List<Difference> of(PolicyDiff.Side one, PolicyDiff.Side other) {
        List<TrafficPolicy> from = one.policies();
        List<TrafficPolicy> to = other.policies();
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
        differences.compareDocuments(one.documents(), other.documents());
        return differences.found;
    }

    private void compareDocuments(Map<String, Record> from, Map<String, Record> to) {
        from.forEach((name, document) -> {
            Record now = to.get(name);
            if (now == null) {
                add(Kind.REMOVED, name, Origin.CODE, Origin.CODE);
            } else {
                compare(Parts.deep(document), Parts.deep(now), " of " + name, Origin.CODE, Origin.CODE);
            }
        });
        to.keySet().stream()
                .filter(name -> !from.containsKey(name))
                .forEach(name -> add(Kind.ADDED, name, Origin.CODE, Origin.CODE));
    }

    private static Map<ObjectName, TrafficPolicy> byName(List<TrafficPolicy> policies) {
        Map<ObjectName, TrafficPolicy> byName = new LinkedHashMap<>();
        policies.forEach(policy -> byName.put(policy.name(), policy));
        return byName;
    }

    private void add(Kind kind, String text, Origin from, Origin to) {
        found.add(new Difference(kind, text, from, to));
    }

    private void compare(Map<String, String> before, Map<String, String> after, String of, Origin from, Origin to) {
        Set<String> names = new LinkedHashSet<>(before.keySet());
        after.keySet().stream().filter(name -> !names.contains(name)).forEach(names::add);
        for (String name : names) {
            String was = before.getOrDefault(name, "none");
            String is = after.getOrDefault(name, "none");
            if (!was.equals(is)) {
                add(Kind.CHANGED, name + of + ": " + was + " is now " + is, from, to);
            }
        }
    }

    private void compare(TrafficPolicy one, TrafficPolicy other) {
        String of = " of policy " + one.name();
        compare(parts(one), parts(other), of, one.origin(), other.origin());
        JwtAuthentication was = one.jwtAuthentication();
        JwtAuthentication is = other.jwtAuthentication();
        if (was != null && is != null) {
            compare(was, is, of);
        } else if (was != null) {
            add(Kind.REMOVED, "jwtAuthentication" + of, was.origin(), Origin.CODE);
        } else if (is != null) {
            add(Kind.ADDED, "jwtAuthentication" + of, Origin.CODE, is.origin());
        }
    }

    /** But for who may call, and for rules, which may move from one policy to another. The order of targets is none. */
    private static Map<String, String> parts(TrafficPolicy policy) {
        Map<String, String> parts = Parts.of(policy);
        parts.keySet().removeAll(Set.of("name", "jwtAuthentication", "authorization"));
        parts.put("targetRefs", Parts.told(new LinkedHashSet<>(policy.targetRefs())));
        parts.put("targetSelectors", Parts.told(new LinkedHashSet<>(policy.targetSelectors())));
        return parts;
    }

    private void compare(JwtAuthentication one, JwtAuthentication other, String of) {
        Map<String, String> was = Parts.of(one);
        Map<String, String> is = Parts.of(other);
        was.remove("providers");
        is.remove("providers");
        compare(was, is, of, one.origin(), other.origin());
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
        compare(parts(one), parts(other), of, one.origin(), other.origin());
        JwksSource was = one.jwks();
        JwksSource is = other.jwks();
        compare(source(was), source(is), of, was.origin(), is.origin());
        Set<String> before = KeySetParts.of(was);
        Set<String> after = KeySetParts.of(is);
        if (before != null && after != null) {
            before.stream()
                    .filter(key -> !after.contains(key))
                    .forEach(key -> add(Kind.REMOVED, key + of, was.origin(), is.origin()));
            after.stream()
                    .filter(key -> !before.contains(key))
                    .forEach(key -> add(Kind.ADDED, key + of, was.origin(), is.origin()));
        } else if (before != null || after != null) {
            String unread =
                    "keys" + of + ": " + (before == null ? "those before" : "those now") + " can't be read here";
            add(Kind.CHANGED, unread, was.origin(), is.origin());
        }
    }

    private static Map<String, String> parts(JwtProvider provider) {
        Map<String, String> parts = Parts.of(provider);
        parts.remove("jwks");
        parts.put("audiences", Parts.told(new LinkedHashSet<>(provider.audiences())));
        return parts;
    }

    /** Where keys come from. Keys that are written out are compared one by one; a file by its way from the document. */
    private static Map<String, String> source(JwksSource source) {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("jwks", source.getClass().getSimpleName());
        Parts.of((Record) source).forEach((name, value) -> parts.put("jwks." + name, value));
        if (source instanceof JwksSource.Inline) {
            parts.remove("jwks.text");
        } else if (source instanceof JwksSource.File file) {
            Path folder = Path.of(file.origin().source()).getParent();
            Path path = file.path();
            parts.put(
                    "jwks.path",
                    String.valueOf(folder != null && path.startsWith(folder) ? folder.relativize(path) : path));
        }
        return parts;
    }

    /** An expression and where it counts. */
    private record Rule(
            ObjectName policy,
            AuthorizationAction action,
            EvaluationErrorPolicy onError,
            Enforcement enforcement,
            String text,
            MatchExpression source) {
        String told() {
            String ignoring = onError == EvaluationErrorPolicy.IGNORE ? ", errors ignored" : "";
            String shadow = enforcement == Enforcement.SHADOW ? ", in shadow" : "";
            return Parts.word(action) + " `" + text + "` of " + policy + ignoring + shadow;
        }

        boolean isSame(Rule other) {
            return isSameAction(other) && policy.equals(other.policy) && text.equals(other.text);
        }

        boolean isSameAction(Rule other) {
            return action == other.action && onError == other.onError && enforcement == other.enforcement;
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
                        terms.enforcement(),
                        Parts.plain(expression.text()),
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
}

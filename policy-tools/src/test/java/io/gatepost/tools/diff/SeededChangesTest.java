package io.gatepost.tools.diff;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.request.RequestBuilder;
import io.gatepost.tools.diff.PolicyDiff.Side;
import io.gatepost.tools.explain.Rulings;
import io.gatepost.tools.token.TokenIssuer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Changes of a policy, alone and two at once: whoever may call now and might not before is found without a recording.
 */
class SeededChangesTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-25T08:00:00Z"), ZoneOffset.UTC);
    private static final TokenIssuer ISSUER = TokenIssuer.of("https://id.example.com", "ES256", "Aa", CLOCK);
    private static final TokenIssuer OTHER = TokenIssuer.of("https://id.example.com", "ES256", "BB", CLOCK);
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: door, annotations: {}}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
              traffic:
                jwtAuthentication:
                  mode: Strict
                  providers:
                    - issuer: https://id.example.com
                      audiences: [llm]
                      clockSkew: 60s
                      jwks: {inline: '%s'}
                authorization:
                  action: Allow
                  policy:
                    matchExpressions:
                      - 'jwt.team == "red" && llm.requestModel in ["nano", "mini"]'
                      - '"admin" in jwt.roles'
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: net, annotations: {}}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
              traffic:
                authorization:
                  action: Require
                  policy:
                    matchExpressions:
                      - 'cidr("10.0.0.0/8").containsIP(source.address) || cidr("192.168.0.0/16").containsIP(source.address)'
                      - 'request.startTime.getHours() >= 8 && request.startTime.getHours() < 18'
                      - 'jwt.level >= 3'
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: bans, annotations: {}}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
              traffic:
                authorization:
                  action: Deny
                  policy:
                    matchExpressions:
                      - 'request.path.startsWith("/admin") && !("admin" in jwt.roles)'
                      - 'has(jwt.banned) && jwt.banned'
                      - 'request.headers["x-team"] != jwt.team'
            """.formatted(ISSUER.jwks());

    /**
     * A change.
     *
     * @param widens whether some may call now who might not
     * @param narrows whether some may not who might
     */
    private record Edit(String name, String old, String replacement, boolean widens, boolean narrows) {
        String apply(String policy) {
            assertThat(policy).as(name).contains(old);
            return policy.replace(old, replacement);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Edit widens(String name, String old, String replacement) {
        return new Edit(name, old, replacement, true, false);
    }

    private static Edit narrows(String name, String old, String replacement) {
        return new Edit(name, old, replacement, false, true);
    }

    private static Edit both(String name, String old, String replacement) {
        return new Edit(name, old, replacement, true, true);
    }

    private static Edit neither(String name, String old, String replacement) {
        return new Edit(name, old, replacement, false, false);
    }

    private static final String HOURS = "request.startTime.getHours() >= 8 && request.startTime.getHours() < 18";
    private static final String OFFICE = " || cidr(\"192.168.0.0/16\").containsIP(source.address)";
    private static final String MODELS = "llm.requestModel in [\"nano\", \"mini\"]";
    private static final String BAN = "request.path.startsWith(\"/admin\") && !(\"admin\" in jwt.roles)";

    /** Of rules; each can be tried by asking about many requests. */
    private static final List<Edit> RULES = List.of(
            narrows("an address range less", OFFICE, ""),
            widens("an address range more", OFFICE, OFFICE + " || cidr(\"172.16.0.0/12\").containsIP(source.address)"),
            widens("a wider range", "192.168.0.0/16", "192.0.0.0/8"),
            narrows("half a range", "10.0.0.0/8", "10.0.0.0/9"),
            both("another range", "10.0.0.0/8", "11.0.0.0/8"),
            widens("one address beside a range", OFFICE, OFFICE + " || source.address == \"203.0.113.7\""),
            widens("an hour earlier", "getHours() >= 8", "getHours() >= 7"),
            narrows("an hour later", "getHours() >= 8", "getHours() > 8"),
            both("another time zone", HOURS, HOURS.replace("getHours()", "getHours(\"Asia/Kolkata\")")),
            narrows("weekdays only", HOURS, HOURS + " && request.startTime.getDayOfWeek() in [1, 2, 3, 4, 5]"),
            widens("any time on Sundays", HOURS, HOURS + " || request.startTime.getDayOfWeek() == 0"),
            narrows("until a date", HOURS, HOURS + " && request.startTime < timestamp(\"2027-01-01T00:00:00Z\")"),
            both("the night", HOURS, "!(" + HOURS + ")"),
            widens("a model more", "\"nano\", \"mini\"", "\"nano\", \"mini\", \"maxi\""),
            narrows("a model less", "\"nano\", \"mini\"", "\"nano\""),
            both("another model", "\"nano\", \"mini\"", "\"nano\", \"maxi\""),
            widens("models by their beginning", MODELS, "llm.requestModel.startsWith(\"m\") || " + MODELS),
            both("models by a pattern", MODELS, "llm.requestModel.matches(\"^m(in|ax)i$\")"),
            both("all models but one", MODELS, "llm.requestModel != \"nano\""),
            narrows("a budget", MODELS, MODELS + " && llm.params.max_tokens <= 100"),
            widens("a team more", "jwt.team == \"red\"", "jwt.team in [\"red\", \"blue\"]"),
            both("another team", "jwt.team == \"red\"", "jwt.team == \"blue\""),
            widens("teams by their beginning", "jwt.team == \"red\"", "jwt.team.startsWith(\"red\")"),
            narrows("a claim more", "jwt.team == \"red\"", "jwt.team == \"red\" && jwt.sub == \"alice\""),
            widens("any team", "jwt.team == \"red\"", "has(jwt.team)"),
            widens("or for and", "\"red\" && llm", "\"red\" || llm"),
            both("another role", "'\"admin\" in jwt.roles'", "'\"staff\" in jwt.roles'"),
            widens("a role by exists", "'\"admin\" in jwt.roles'", "'jwt.roles.exists(r, r.endsWith(\"admin\"))'"),
            narrows("two roles", "'\"admin\" in jwt.roles'", "'\"admin\" in jwt.roles && size(jwt.roles) > 1'"),
            widens("a scope", "'\"admin\" in jwt.roles'", "'\"admin\" in jwt.roles || \"chat\" in scopes(jwt)'"),
            widens("a lower level", "jwt.level >= 3", "jwt.level >= 2"),
            narrows("a higher level", "jwt.level >= 3", "jwt.level > 3"),
            both("a choice", "jwt.level >= 3", "jwt.team == \"red\" ? jwt.level >= 2 : jwt.level >= 5"),
            widens("a level as text", "jwt.level >= 3", "int(jwt.level) >= 3"),
            narrows("a ban more", "startsWith(\"/admin\") &&", "startsWith(\"/\") &&"),
            widens("a path less", "startsWith(\"/admin\")", "startsWith(\"/admin/\")"),
            widens("a method only", BAN, BAN + " && request.method == \"DELETE\""),
            widens("the banned", "has(jwt.banned) && jwt.banned", "has(jwt.banned) && jwt.banned && jwt.level < 9"),
            widens("no header asked for", "          - 'request.headers[\"x-team\"] != jwt.team'\n", ""),
            widens("errors of Deny", "action: Deny", "action: Deny\n      onEvaluationError: Ignore"),
            neither("an error of Allow", "action: Allow", "action: Allow\n      onEvaluationError: Ignore"),
            widens("Allow for Deny", "action: Deny", "action: Allow"),
            widens("Allow for Require", "action: Require", "action: Allow"),
            narrows("Require for Allow", "action: Allow", "action: Require"),
            widens("rules in shadow", "action: Require", "action: Require\n      enforcement: Shadow"),
            widens(
                    "a policy in shadow",
                    "{name: net, annotations: {}}",
                    "{name: net, annotations: {gatepost.io/enforcement: shadow}}"),
            widens(
                    "bans in shadow",
                    "{name: bans, annotations: {}}",
                    "{name: bans, annotations: {gatepost.io/enforcement: shadow}}"),
            neither("the same in other words", "jwt.level >= 3", "jwt.level >= 3 && true"));

    /** Of authentication. */
    private static final List<Edit> TOKENS = List.of(
            both("a key for another", ISSUER.jwks(), OTHER.jwks()),
            widens("a key more", ISSUER.jwks(), TokenIssuer.jwks(ISSUER, OTHER)),
            widens("an audience more", "[llm]", "[llm, chat]"),
            both("another audience", "[llm]", "[chat]"),
            widens("any audience", "          audiences: [llm]\n", ""),
            widens(
                    "an issuer more",
                    "    - issuer: https://id.example.com\n",
                    "    - issuer: https://new.example.com\n"
                            + "          audiences: [llm]\n          jwks: {inline: '" + OTHER.jwks() + "'}\n"
                            + "        - issuer: https://id.example.com\n"),
            widens("a longer skew", "clockSkew: 60s", "clockSkew: 600s"),
            narrows("a claim demanded", "clockSkew: 60s", "requiredClaims: [exp, tenant]"),
            both("no exp demanded", "clockSkew: 60s", "requiredClaims: [sub]"),
            narrows("a type", "clockSkew: 60s", "tokenType: at+jwt"),
            both("another header", "mode: Strict", "location: {header: {name: x-token}}"),
            narrows(
                    "a door in shadow",
                    "{name: door, annotations: {}}",
                    "{name: door, annotations: {gatepost.io/enforcement: shadow}}"));

    private static PolicyDiff diff(String to) {
        PolicyRequest base =
                PolicyRequest.builder("POST", "http://llm.example.com/v1/chat").build();
        return PolicyDiff.madeUp(side(POLICY), side(to), List.of(base), CLOCK);
    }

    private static Side side(String policy) {
        return Side.of(PolicyReader.parse("p.yaml", policy));
    }

    static Stream<Edit> alone() {
        return someOf(Stream.concat(RULES.stream(), TOKENS.stream()).toList());
    }

    /** Each fifth; all of them with {@code -P nightly}, since they take a minute. */
    private static <T> Stream<T> someOf(List<T> all) {
        int step = Boolean.getBoolean("gatepost.nightly") ? 1 : 5;
        return IntStream.iterate(0, i -> i < all.size(), i -> i + step).mapToObj(all::get);
    }

    @ParameterizedTest
    @MethodSource("alone")
    void findsWhomAChangeLetsInAndWhomItKeepsOut(Edit edit) {
        PolicyDiff found = diff(edit.apply(POLICY));
        assertThat(found.differences()).isNotEmpty();
        assertThat(isFound(found, true)).as("widens: %s", told(found)).isEqualTo(edit.widens());
        assertThat(isFound(found, false)).as("narrows: %s", told(found)).isEqualTo(edit.narrows());
    }

    private static String told(PolicyDiff diff) {
        return diff.text().lines().filter(line -> !line.startsWith("  ")).collect(Collectors.joining("\n"));
    }

    private static boolean isFound(PolicyDiff diff, boolean allowedNow) {
        return diff.flips().stream().anyMatch(flip -> flip.isAllowedNow() == allowedNow);
    }

    static Stream<List<Edit>> pairs() {
        Random order = new Random(7);
        List<List<Edit>> pairs = new ArrayList<>();
        pairs.add(List.of(RULES.get(0), RULES.get(13)));
        while (pairs.size() < 30) {
            Edit one = RULES.get(order.nextInt(RULES.size()));
            Edit other = RULES.get(order.nextInt(RULES.size()));
            String changed = one.apply(POLICY);
            if (!one.equals(other)
                    && changed.contains(other.old())
                    && other.apply(POLICY).contains(one.old())) {
                pairs.add(List.of(one, other));
            }
        }
        return someOf(pairs);
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void findsWhomTwoChangesAtOnceLetIn(List<Edit> edits) {
        String changed = edits.get(1).apply(edits.get(0).apply(POLICY));
        PolicyDiff found = diff(changed);
        List<Boolean> shown = flips(changed);
        assertThat(isFound(found, true) || !found.notDecidable().isEmpty() || !shown.contains(true))
                .as("widens: %s", told(found))
                .isTrue();
        assertThat(isFound(found, false) || !found.notDecidable().isEmpty() || !shown.contains(false))
                .as("narrows: %s", told(found))
                .isTrue();
    }

    @Test
    void findsAModelThatIsAddedWhileAnAddressRangeIsRemoved() {
        PolicyDiff found = diff(RULES.get(13).apply(RULES.get(0).apply(POLICY)));
        assertThat(found.flips())
                .filteredOn(Flip::isAllowedNow)
                .anySatisfy(flip -> assertThat(flip.request()).contains("from 10.", "\"model\":\"maxi\""));
        assertThat(found.flips())
                .filteredOn(flip -> !flip.isAllowedNow())
                .allSatisfy(flip -> assertThat(flip.request()).contains("from 192.168."));
    }

    /** Which ways requests flip that were drawn from all combinations, each asked about by real engines. */
    private static List<Boolean> flips(String changed) {
        List<Boolean> flips = new ArrayList<>();
        try (Rulings before = new Rulings(side(POLICY).guards(), null, CLOCK);
                Rulings after = new Rulings(side(changed).guards(), null, CLOCK)) {
            for (Asked asked : DRAWN) {
                boolean one = asked.decide(before) instanceof Decision.Allow;
                boolean other = asked.decide(after) instanceof Decision.Allow;
                if (one != other) {
                    flips.add(other);
                }
            }
        }
        return flips;
    }

    private static final List<Asked> DRAWN = drawn();

    private static List<Asked> drawn() {
        Random random = new Random(42);
        return IntStream.range(0, 2_500).mapToObj(i -> drawn(random)).toList();
    }

    private static Asked drawn(Random random) {
        Map<String, @Nullable Object> claims = new LinkedHashMap<>(Map.of("iss", "https://id.example.com"));
        String team = oneOf(random, "red", "red", "blue", "redder");
        claims.put("team", team);
        claims.put("level", (Object) oneOf(random, 2L, 3L, 4L, 5L, 3L));
        claims.put("roles", (Object)
                oneOf(random, List.of(), List.of("admin"), List.of("staff"), List.of("superadmin", "admin")));
        claims.put("sub", oneOf(random, "alice", "bob"));
        if (random.nextInt(6) == 0) {
            claims.put("scope", "chat other");
        }
        if (random.nextInt(9) == 0) {
            claims.put("banned", random.nextBoolean());
        }
        String path = oneOf(random, "/v1/chat", "/v1/chat", "/admin", "/administrators");
        RequestBuilder request = PolicyRequest.builder(
                        oneOf(random, "POST", "POST", "DELETE"), "http://llm.example.com" + path)
                .source(
                        oneOf(
                                random,
                                "10.0.0.1",
                                "10.1.2.3",
                                "10.200.0.1",
                                "192.168.3.4",
                                "172.16.0.1",
                                "192.0.2.1",
                                "11.0.0.1",
                                "203.0.113.7"),
                        1)
                .attribute(
                        "request.startTime",
                        Instant.parse(oneOf(
                                random,
                                "2026-11-25T12:00:00Z",
                                "2026-11-25T08:30:00Z",
                                "2026-11-25T07:30:00Z",
                                "2026-11-25T02:30:00Z",
                                "2026-11-29T12:00:00Z",
                                "2027-02-01T12:00:00Z")))
                .body(("{\"model\":\"" + oneOf(random, "nano", "mini", "maxi") + "\"}")
                        .getBytes(StandardCharsets.UTF_8));
        if (random.nextInt(8) > 0) {
            request.header("x-team", team);
        }
        return Asked.recorded(request.build(), new VerifiedToken("https://id.example.com", null, claims));
    }

    @SafeVarargs
    private static <T> T oneOf(Random random, T... several) {
        return several[random.nextInt(several.length)];
    }

    @Test
    void saysWhatItCannotTell() {
        assertThat(diff(POLICY.replace("jwt.level >= 3", "sha256.encode(jwt.level) == \"aa\""))
                        .notDecidable())
                .anySatisfy(line -> assertThat(line)
                        .startsWith("rule of default/net [p.yaml:")
                        .contains("`sha256.encode(jwt.level) == \"aa\"`, which came out false for all values tried"));
    }
}

package io.gatepost.policy.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Authorization.EvaluationErrorPolicy;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.model.TrafficPolicy.Inheritance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyReaderTest {
    private static final String HEAD = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata:
              name: p
            spec:
              targetRefs:
              - {group: gateway.networking.k8s.io, kind: Gateway, name: gw}
            """;

    private static List<TrafficPolicy> read(String text) {
        return PolicyReader.parse("p.yaml", text);
    }

    private static TrafficPolicy one(String text) {
        assertThat(read(text)).hasSize(1);
        return read(text).get(0);
    }

    private static JwtAuthentication authentication(TrafficPolicy policy) {
        return Objects.requireNonNull(policy.jwtAuthentication(), "jwtAuthentication");
    }

    private static Authorization rules(TrafficPolicy policy) {
        return Objects.requireNonNull(policy.authorization(), "authorization");
    }

    private static List<String> texts(TrafficPolicy policy) {
        return rules(policy).matchExpressions().stream()
                .map(MatchExpression::text)
                .toList();
    }

    /** A policy with this under {@code traffic}, which starts in line 9, indented by four blanks. */
    private static String traffic(String fields) {
        return HEAD + "  traffic:\n" + fields.stripTrailing().indent(4);
    }

    /** A policy whose only provider, the first line of which is line 11, has these fields. */
    private static String provider(String fields) {
        return traffic(
                "jwtAuthentication:\n  providers:\n  - " + fields.indent(4).stripLeading());
    }

    private static List<String> problems(String text) {
        InvalidPolicyException thrown = catchThrowableOfType(InvalidPolicyException.class, () -> read(text));
        assertThat(thrown).as("the document is refused").isNotNull();
        return thrown.diagnostics().stream().map(Diagnostic::toString).toList();
    }

    @Nested
    class ReadsPolicies {
        @Test
        void withAllFields() {
            TrafficPolicy policy = one("""
                    apiVersion: agentgateway.dev/v1alpha1
                    kind: AgentgatewayPolicy
                    metadata: {name: all, namespace: team}
                    spec:
                      targetSelectors:
                      - {group: gateway.networking.k8s.io, kind: Gateway, matchLabels: {tier: paid}, sectionName: http}
                      strategy: {inheritance: Override}
                      traffic:
                        phase: PreRouting
                        jwtAuthentication:
                          mode: Permissive
                          location: {header: {name: X-Token, prefix: 'Token '}}
                          providers:
                          - issuer: https://id.example.com
                            audiences: [llm, chat]
                            requiredClaims: [exp, sub]
                            clockSkew: 1m30s
                            jwks: {remote: {url: https://id.example.com/keys, cacheDuration: 10m}}
                        authorization:
                          action: Deny
                          onEvaluationError: Ignore
                          policy: {matchExpressions: ['jwt.sub == "eve"']}
                    """);
            assertThat(policy.name()).hasToString("team/all");
            assertThat(policy.phase()).isEqualTo(Phase.PRE_ROUTING);
            assertThat(policy.inheritance()).isEqualTo(Inheritance.OVERRIDE);
            assertThat(policy.targetSelectors()).singleElement().satisfies(selector -> {
                assertThat(selector.matchLabels()).containsEntry("tier", "paid");
                assertThat(selector.sectionName()).isEqualTo("http");
            });
            JwtAuthentication jwt = authentication(policy);
            assertThat(jwt.mode()).isEqualTo(JwtMode.PERMISSIVE);
            assertThat(jwt.location()).isEqualTo(new TokenLocation.Header("X-Token", "Token "));
            JwtProvider provider = jwt.providers().get(0);
            assertThat(provider.audiences()).containsExactly("llm", "chat");
            assertThat(provider.requiredClaims()).containsExactlyInAnyOrder("exp", "sub");
            assertThat(provider.clockSkew()).isEqualTo(Duration.ofSeconds(90));
            assertThat(provider.jwks())
                    .isInstanceOfSatisfying(
                            JwksSource.RemoteUrl.class,
                            remote -> assertThat(remote.cacheDuration()).isEqualTo(Duration.ofMinutes(10)));
            Authorization rules = rules(policy);
            assertThat(rules.action()).isEqualTo(AuthorizationAction.DENY);
            assertThat(rules.onEvaluationError()).isEqualTo(EvaluationErrorPolicy.IGNORE);
        }

        @Test
        void withTheDefaults() {
            TrafficPolicy policy = one(provider("issuer: i\njwks: {remote: {url: 'https://id.example.com/keys'}}"));
            assertThat(policy.name()).hasToString("default/p");
            assertThat(policy.phase()).isEqualTo(Phase.POST_ROUTING);
            assertThat(policy.inheritance()).isEqualTo(Inheritance.DEFAULT);
            JwtAuthentication jwt = authentication(policy);
            assertThat(jwt.mode()).isEqualTo(JwtMode.STRICT);
            assertThat(jwt.location()).isEqualTo(TokenLocation.BEARER);
            JwtProvider provider = jwt.providers().get(0);
            assertThat(provider.audiences()).isEmpty();
            assertThat(provider.requiredClaims()).isEqualTo(Set.of("exp"));
            assertThat(provider.clockSkew()).isEqualTo(Duration.ofSeconds(60));
            assertThat(provider.jwks())
                    .isInstanceOfSatisfying(
                            JwksSource.RemoteUrl.class,
                            remote -> assertThat(remote.cacheDuration()).isEqualTo(Duration.ofMinutes(5)));
        }

        @Test
        void whereTheRulesStandBesideOrUnderTheAuthentication() {
            String rules = "authorization: {action: Require, policy: {matchExpressions: [a, b]}}";
            String provider = "providers: [{issuer: i, jwks: {inline: '{}'}}]";
            TrafficPolicy beside = one(traffic("jwtAuthentication: {" + provider + "}\n" + rules));
            TrafficPolicy under = one(traffic("jwtAuthentication: {" + provider + ", " + rules + "}"));
            assertThat(texts(under)).isEqualTo(texts(beside)).containsExactly("a", "b");
        }

        @Test
        void inJson() {
            TrafficPolicy policy = one("""
                    {"apiVersion": "gateway.networking.k8s.io/v1alpha2", "kind": "TrafficPolicy", "metadata": {"name": "j"},
                     "spec": {"targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "r", "sectionName": "chat"}],
                              "traffic": {"authorization": {"policy": {"matchExpressions": ["true"]}}}}}
                    """);
            assertThat(policy.targetRefs()).singleElement().satisfies(ref -> {
                assertThat(ref.kind()).isEqualTo("HTTPRoute");
                assertThat(ref.sectionName()).isEqualTo("chat");
            });
        }

        @Test
        void severalInOneTextAmongDocumentsOfOtherKinds() {
            String rule = traffic("authorization: {policy: {matchExpressions: ['true']}}");
            String text = rule + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: b}\n---\n"
                    + rule.replace("name: p", "name: q");
            assertThat(read(text)).extracting(policy -> policy.name().name()).containsExactly("p", "q");
        }

        @Test
        void throughAnchorsAndMergeKeys() {
            TrafficPolicy policy = one(traffic("""
                    jwtAuthentication:
                      providers:
                      - &first
                        issuer: one
                        audiences: &audiences [llm]
                        jwks: {inline: '{}'}
                      - <<: *first
                        issuer: two
                      - issuer: three
                        audiences: *audiences
                        jwks: {inline: '{}'}
                    """));
            assertThat(authentication(policy).providers())
                    .allSatisfy(provider -> assertThat(provider.audiences()).containsExactly("llm"))
                    .extracting(JwtProvider::issuer)
                    .containsExactly("one", "two", "three");
        }

        /** A parser's buffer ends somewhere: never within a character. */
        @Test
        void withAnyCharacterInAnyPlace() {
            String emoji = traffic("authorization: {policy: {matchExpressions: ['true']}}") + "# \ud83d\ude00\n";
            for (int width = 0; width < 1100; width++) {
                assertThat(read("#" + " ".repeat(width) + "\n" + emoji)).hasSize(1);
            }
        }

        @Test
        void fromAFileThatNamesItsKeysRelativeToItself(@TempDir Path folder) throws Exception {
            Path file =
                    Files.writeString(folder.resolve("p.yaml"), provider("issuer: i\njwks: {file: keys/jwks.json}"));
            TrafficPolicy policy = PolicyReader.read(file).get(0);
            assertThat(authentication(policy).providers().get(0).jwks())
                    .isInstanceOfSatisfying(
                            JwksSource.File.class,
                            keys -> assertThat(keys.path()).isEqualTo(folder.resolve("keys/jwks.json")));
        }
    }

    @Nested
    class RefusesSyntax {
        @Test
        void ofTabs() {
            assertThat(problems("kind: TrafficPolicy\nspec:\n\ttraffic: {}\n"))
                    .containsExactly("p.yaml:3:1: not YAML: a tab can't indent; use spaces");
        }

        @Test
        void ofQuotesThatNeverClose() {
            assertThat(problems("kind: TrafficPolicy\nmetadata: {name: \"p}\nspec: {}\n"))
                    .containsExactly("p.yaml:2:18: not YAML: the quote that opens here is never closed");
        }

        @ParameterizedTest
        @ValueSource(strings = {"- \"admin\" in jwt.roles", "- 'admin' in jwt.roles"})
        void ofValuesThatGoOnBehindTheirQuotes(String item) {
            assertThat(problems("kind: TrafficPolicy\nspec:\n" + item.indent(2) + "metadata: {name: p}\n"))
                    .first()
                    .asString()
                    .endsWith("not YAML: the value goes on behind its closing quote; put other quotes around the whole"
                            + " of it");
        }

        @Test
        void ofACredentialForBackendsAndSaysWhereItStands() {
            assertThat(problems(HEAD + "  backend: {auth: {passthrough: {}}}\n"))
                    .contains("p.yaml:8:13: spec.backend.auth: `auth` stands here under `policies` of an"
                            + " `AgentgatewayBackend`");
        }

        @Test
        void ofFieldsThatStandTwice() {
            assertThat(problems(traffic("authorization: {policy: {matchExpressions: [a], matchExpressions: [b]}}")))
                    .containsExactly(
                            "p.yaml:9:53: spec.traffic.authorization.policy.matchExpressions: stands here twice; keep one of them");
        }

        @Test
        void ofAliasesThatStandForMoreThanADocumentHas() {
            StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
            for (int i = 1; i < 9; i++) {
                bomb.append("a" + i + ": &a" + i + " [" + ("*a" + (i - 1) + ", ").repeat(9) + "*a" + (i - 1) + "]\n");
            }
            assertThat(problems(bomb.toString())).singleElement().asString().contains("aliases stand for more than");
        }

        @Test
        void ofAliasesWithoutAnAnchor() {
            assertThat(problems(traffic("authorization: *rules")))
                    .first()
                    .asString()
                    .isEqualTo("p.yaml:9:20: spec.traffic.authorization: no anchor `&rules` stands before this alias");
        }

        @Test
        void ofNestingWithoutEnd() {
            assertThat(problems("a: " + "[".repeat(5_000)))
                    .singleElement()
                    .asString()
                    .contains("nested deeper than");
        }

        @Test
        void ofJson() {
            assertThat(problems("{\"kind\": \"TrafficPolicy\",\n \"spec\": }"))
                    .singleElement()
                    .asString()
                    .startsWith("p.yaml:2:10: not JSON: ");
        }

        @Test
        void inOneDocumentAndReadsTheNext() {
            String text = "kind: [\n---\n" + traffic("authorization: {policy: {matchExpressions: 'a'}}");
            assertThat(problems(text)).hasSize(2).last().asString().startsWith("p.yaml:11:48: spec.traffic");
        }
    }

    @Test
    void tellsFiveMistakesInFiveLinesWhereTheyStand() {
        assertThat(problems("""
                        apiVersion: gateway.networking.k8s.io/v1alpha2
                        kind: TrafficPolicy
                        metadata:
                          name: p
                        spec:
                          targetRefs:
                            - group: gateway.networking.k8s.io
                              kind: Gatway
                              name: gw
                          traffic:
                            jwtAuthentication:
                              mode: strict
                              providers:
                                - isuer: https://id.example.com
                                  jwks:
                                    inline: 7
                            authorization:
                              policy:
                                matchExpressions: []
                        """))
                .containsExactly(
                        "p.yaml:8:13: spec.targetRefs[0].kind: expected `GRPCRoute`, `Gateway`, `HTTPRoute`, `InferencePool`, `ListenerSet`,"
                                + " found `Gatway`; did you mean `Gateway`?",
                        "p.yaml:12:13: spec.traffic.jwtAuthentication.mode: expected `Strict`, `Optional`, `Permissive`, found `strict`;"
                                + " did you mean `Strict`?",
                        "p.yaml:14:11: spec.traffic.jwtAuthentication.providers[0].isuer: unknown field `isuer`; did you mean `issuer`?",
                        "p.yaml:16:21: spec.traffic.jwtAuthentication.providers[0].jwks.inline: expected text, found the number `7`; put it in quotes",
                        "p.yaml:19:27: spec.traffic.authorization.policy.matchExpressions: expected a list of 1 to 256, found 0");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mode: Lenient                                         | mode: expected `Strict`, `Optional`, `Permissive`, found `Lenient`
            mode: true                                            | mode: expected text, found the boolean `true`; put it in quotes
            mcp: {}                                               | mcp: `mcp` is not enforced here; remove it
            location: {header: {prefix: 'x '}}                    | location.header.name: `name` is required
            location: {header: {name: 'a b'}}                     | location.header.name: expected a name without blanks and separators
            location: {cookie: {name: a}, queryParameter: {}}     | location.cookie: `cookie` and `queryParameter` exclude each other; keep one
            location: {}                                          | location: expected one of `header`, `queryParameter`, `cookie`, `expression`
            modes: Strict                                         | modes: unknown field `modes`; did you mean `mode`?
            """)
    void refusesWhatIsWrongInAnAuthentication(String field, String message) {
        String text = traffic("jwtAuthentication:\n  providers: [{issuer: i, jwks: {inline: '{}'}}]\n  " + field);
        assertThat(problems(text))
                .anySatisfy(problem -> assertThat(problem).contains("spec.traffic.jwtAuthentication." + message));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            issuer: ''                                       | issuer: must not be empty
            audiences: []                                    | audiences: expected a list of 1 to 64, found 0
            audiences: llm                                   | audiences: expected a list, found text
            audiences: [1]                                   | audiences[0]: expected text, found the number `1`; put it in quotes
            clockSkew: 60                                    | clockSkew: expected text, found the number `60`; put it in quotes
            clockSkew: -5s                                   | clockSkew: expected `0s` to `1h`, found `-5s`
            clockSkew: 90 seconds                            | clockSkew: expected a duration such as `5m` or `1h30m`, found `90 seconds`
            jwks: {}                                         | jwks: expected one of `inline`, `remote`, `file`
            jwks: {inline: '{}', file: f}                    | jwks.file: `file` and `inline` exclude each other; keep one
            jwks: {inline: '${KEYS}'}                        | jwks.inline: a template was left unfilled; fill in its value
            jwks: {inline: '{{ keys }}'}                     | jwks.inline: a template was left unfilled; fill in its value
            jwks: {inline: {keys: []}}                       | jwks.inline: expected text, found a map; put single quotes around it
            jwks: {inline: 'https://x/keys'}                 | jwks.inline: expected a key set, found a URL; it goes under `jwks.remote.url`
            jwks: {inline: '-----BEGIN PUBLIC KEY-----'}     | jwks.inline: expected a key set as JSON, found PEM
            jwks: {remote: {url: 'ftp://x/'}}                | jwks.remote.url: expected an http or https URL without user information, query and fragment
            jwks: {remote: {url: 'https://u:p@x/'}}          | jwks.remote.url: expected an http or https URL without user information, query and fragment
            jwks: {remote: {url: 'http://x', cacheDuration: 1m}} | jwks.remote.cacheDuration: expected `5m` to `8760h`, found `1m`
            jwks: {remote: {url: 'http://x', jwksPath: /k}}  | jwks.remote.jwksPath: `jwksPath` goes with `backendRef`; the `url` has its own path
            jwks: {remote: {backendRef: {name: s, port: 80}}} | jwks.remote.jwksPath: `jwksPath` is required
            jwks: {remote: {backendRef: {name: s}, jwksPath: k}} | jwks.remote.backendRef.port: `port` is required
            discovery: false                                 | discovery
            """)
    void refusesWhatIsWrongInAProvider(String field, String message) {
        String name = field.substring(0, field.indexOf(':'));
        String others =
                (name.equals("issuer") ? "" : "issuer: i\n") + (name.equals("jwks") ? "" : "jwks: {inline: '{}'}\n");
        assertThat(problems(provider(others + field)))
                .anySatisfy(problem ->
                        assertThat(problem).contains("spec.traffic.jwtAuthentication.providers[0]." + message));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            authorization: {policy: {matchExpressions: ['']}}                  | authorization.policy.matchExpressions[0]: must not be empty
            authorization: {policy: {matchExpressions: [true]}}                | authorization.policy.matchExpressions[0]: expected text, found the boolean `true`; put it in quotes
            authorization: {policy: {}}                                        | authorization.policy.matchExpressions: `matchExpressions` is required
            authorization: {action: Alow, policy: {matchExpressions: [a]}}     | authorization.action: expected `Allow`, `Deny`, `Require`, found `Alow`; did you mean `Allow`?
            authorization: {rules: [a]}                                        | authorization.rules: unknown field `rules`
            rateLimit: {local: []}                                             | rateLimit: `rateLimit` is not enforced here; remove it
            extAuth: {}                                                        | extAuth: `extAuth` is not enforced here; remove it
            phase: PostRoutin                                                  | phase: expected `PreRouting`, `PostRouting`, found `PostRoutin`; did you mean `PostRouting`?
            jwtAuthentification: {}                                            | jwtAuthentification: unknown field `jwtAuthentification`; did you mean `jwtAuthentication`?
            """)
    void refusesWhatIsWrongInTraffic(String field, String message) {
        assertThat(problems(traffic(field)))
                .anySatisfy(problem -> assertThat(problem).contains("spec.traffic." + message));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jwtAuthentication", "authorization", "phase"})
    void tellsWhereAFieldBelongs(String field) {
        String text = HEAD + "  " + field + ": {}\n  traffic: {authorization: {policy: {matchExpressions: [a]}}}\n";
        assertThat(problems(text))
                .containsExactly(
                        "p.yaml:8:3: spec." + field + ": unknown field `" + field + "`; it belongs under `traffic`");
    }

    @Test
    void refusesTargetsInTwoFormsOrOfTwoKindsOrInNone() {
        String rules = "  traffic: {authorization: {policy: {matchExpressions: [a]}}}\n";
        String selectors =
                "  targetSelectors:\n  - {group: gateway.networking.k8s.io, kind: Gateway, matchLabels: {a: b}}\n";
        String route = "  - {group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}\n";
        assertThat(problems(HEAD + selectors + rules))
                .containsExactly(
                        "p.yaml:8:3: spec.targetSelectors: `targetSelectors` and `targetRefs` exclude each other; keep one");
        assertThat(problems(HEAD + route + rules))
                .containsExactly(
                        "p.yaml:8:46: spec.targetRefs[1].kind: all targets of a policy must be of one kind, found [Gateway, HTTPRoute]");
        assertThat(problems(HEAD.substring(0, HEAD.indexOf("  targetRefs")) + rules))
                .containsExactly("p.yaml:6:3: spec: expected one of `targetRefs`, `targetSelectors`");
    }

    @Nested
    class RefusesATextWithoutAPolicy {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "# only a comment\n",
                    "---\n",
                    "---\n---\n",
                    "null\n",
                    "~\n",
                    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: b}\n"
                })
        void thatHoldsNothingOrOtherKindsOnly(String text) {
            assertThat(problems(text))
                    .last()
                    .asString()
                    .startsWith("p.yaml:")
                    .endsWith(
                            "there is no policy here; expected a `TrafficPolicy` of `gateway.networking.k8s.io/v1alpha2`"
                                    + " or an `AgentgatewayPolicy` of `agentgateway.dev/v1alpha1`");
        }

        @ParameterizedTest
        @ValueSource(strings = {"{}", "[]", "text", "kind: AgentgatewayPolicy"})
        void thatIsNoDocument(String text) {
            assertThat(problems(text)).isNotEmpty();
        }

        @Test
        void inAnEmptyFile(@TempDir Path folder) throws Exception {
            Path file = Files.writeString(folder.resolve("p.yaml"), "");

            InvalidPolicyException thrown =
                    catchThrowableOfType(InvalidPolicyException.class, () -> PolicyReader.read(file));

            assertThat(thrown).hasMessageContaining(file + ":1:1: there is no policy here");
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                AgentGatewayPolicy    | agentgateway.dev/v1alpha1          | `AgentgatewayPolicy` of `agentgateway.dev/v1alpha1`
                agentgatewaypolicy    | agentgateway.dev/v1alpha1          | `AgentgatewayPolicy` of `agentgateway.dev/v1alpha1`
                AgentgatewayPolicies  | agentgateway.dev/v1alpha1          | `AgentgatewayPolicy` of `agentgateway.dev/v1alpha1`
                GatewayPolicy         | agentgateway.dev/v1alpha1          | its kinds are `AgentgatewayBackend`, `AgentgatewayModel`, `AgentgatewayParameters`, `AgentgatewayPolicy`
                AgentgatewayPolicyList | agentgateway.dev/v1alpha1         | `AgentgatewayPolicy` of `agentgateway.dev/v1alpha1`
                trafficPolicy         | gateway.networking.k8s.io/v1alpha2 | `TrafficPolicy` of `gateway.networking.k8s.io/v1alpha2`
                TraficPolicy          | gateway.networking.k8s.io/v1alpha2 | `TrafficPolicy` of `gateway.networking.k8s.io/v1alpha2`
                TrafficPolicies       | gateway.kgateway.dev/v1alpha1      | `TrafficPolicy` of `gateway.networking.k8s.io/v1alpha2`
                AgentgatewayPolicy    | agentgateway.dev/v1                | expected `agentgateway.dev/v1alpha1` for AgentgatewayPolicy; this one is another version
                AgentgatewayPolicy    | agentgateway.dev                   | expected `agentgateway.dev/v1alpha1` for AgentgatewayPolicy
                AgentgatewayPolicy    | v1                                 | expected `agentgateway.dev/v1alpha1` for AgentgatewayPolicy
                TrafficPolicy         | gateway.networking.k8s.io/v1       | expected `gateway.networking.k8s.io/v1alpha2` for TrafficPolicy
                TrafficPolicy         | agentgateway.dev/v1alpha1          | expected `gateway.networking.k8s.io/v1alpha2` for TrafficPolicy
                AgentgatewayBackend   | agentgateway.dev/v1                | expected `agentgateway.dev/v1alpha1` for AgentgatewayBackend, found `agentgateway.dev/v1`
                Policy                | agentgatway.dev/v1alpha1           | there is no group `agentgatway.dev`; did you mean `agentgateway.dev`?
                HTTProute             | gateway.networking.k8s.io/v1       | `HTTPRoute` of `gateway.networking.k8s.io/v1`
                Secrets               | v1                                 | `Secret` of `v1`
                Secret                | v2                                 | expected `v1` for Secret, found `v2`
                """)
        void thatIsMisspelt(String kind, String apiVersion, String cure) {
            String misspelt = traffic("authorization: {policy: {matchExpressions: ['true']}}")
                    .replace("agentgateway.dev/v1alpha1", apiVersion)
                    .replace("AgentgatewayPolicy", kind);
            String right = traffic("authorization: {policy: {matchExpressions: ['true']}}");

            assertThat(problems(misspelt))
                    .anySatisfy(
                            problem -> assertThat(problem).startsWith("p.yaml:").contains(cure));
            assertThat(problems(right.replace("name: p", "name: q") + "---\n" + misspelt))
                    .as("beside another")
                    .anySatisfy(problem -> assertThat(problem).contains(cure));
        }

        @ParameterizedTest
        @CsvSource({
            "Deployment, apps/v1",
            "Namespace, v1",
            "ServiceAccount, v1",
            "ReferenceGrant, gateway.networking.k8s.io/v1beta1",
            "GRPCRoute, gateway.networking.k8s.io/v1",
            "AgentgatewayParameters, agentgateway.dev/v1alpha1",
            "XListenerSet, gateway.networking.x-k8s.io/v1alpha1",
            "BackendTrafficPolicy, gateway.envoyproxy.io/v1alpha1",
            "ClientTrafficPolicy, gateway.envoyproxy.io/v1alpha1",
            "MeshHTTPRoute, kuma.io/v1alpha1",
            "Gateway, networking.istio.io/v1",
            "Service, serving.knative.dev/v1"
        })
        void butPassesOverWhatOthersDefine(String kind, String apiVersion) {
            String other = "apiVersion: " + apiVersion + "\nkind: " + kind + "\nmetadata: {name: o}\n---\n";

            assertThat(read(other + traffic("authorization: {policy: {matchExpressions: ['true']}}")))
                    .hasSize(1);
        }

        @ParameterizedTest
        @ValueSource(strings = {"{}", "{phase: PreRouting}"})
        void thatGuardsNothing(String traffic) {
            assertThat(problems(HEAD + "  traffic: " + traffic))
                    .containsExactly("p.yaml:8:12: spec.traffic: this guards nothing; add `jwtAuthentication` or"
                            + " `authorization`");
        }
    }

    @Test
    void passesOverAPolicyInShadowThatIsMisspelt() {
        String rules = traffic("authorization: {policy: {matchExpressions: [a]}}");
        String shadow = rules.replace("name: p", "name: s\n  annotations: {gatepost.io/enforcement: shadow}")
                .replace("authorization", "authorisation");

        assertThat(read(rules + "---\n" + shadow))
                .extracting(policy -> policy.name().name())
                .containsExactly("p");
        assertThat(problems(shadow))
                .anySatisfy(problem -> assertThat(problem)
                        .contains("warning: spec.traffic.authorisation: unknown field `authorisation`"));
    }

    /** Text of an expression is no template, whatever its literals hold. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "request.path.matches('{{.*}}')",
                "regexReplace(request.path, 'a(.*)', '${who}') == ''",
                "true // {{ x }} and ${y}"
            })
    void readsExpressionsWithBracesInTheirLiterals(String expression) {
        assertThat(texts(one(
                        traffic("authorization:\n  policy:\n    matchExpressions:\n    - |-\n      " + expression))))
                .containsExactly(expression);
    }

    @Test
    void readsADocumentInFlowStyleBeforeOthers() {
        String flow = """
                {"apiVersion": "agentgateway.dev/v1alpha1", "kind": "AgentgatewayPolicy", "metadata": {"name": "f"},
                 "spec": {"targetRefs": [{group: gateway.networking.k8s.io, kind: Gateway, name: gw}],
                          "traffic": {authorization: {policy: {matchExpressions: ['true']}}}}}
                """;

        assertThat(read(flow + "---\n" + traffic("authorization: {policy: {matchExpressions: ['true']}}")))
                .extracting(policy -> policy.name().name())
                .containsExactly("f", "p");
    }

    @Test
    void refusesTheSameNameTwice() {
        String policy = traffic("authorization: {policy: {matchExpressions: [a]}}");
        assertThat(problems(policy + "---\n" + policy))
                .containsExactly(
                        "p.yaml:11:1: AgentgatewayPolicy `default/p` stands here a second time, after p.yaml:1");
    }

    @Test
    void refusesAPolicyOfAnotherApi() {
        assertThat(problems(traffic("authorization: {policy: {matchExpressions: [a]}}")
                        .replace("agentgateway.dev/v1alpha1", "gateway.kgateway.dev/v1alpha1")))
                .containsExactly(
                        "p.yaml:1:13: apiVersion: expected `agentgateway.dev/v1alpha1` for AgentgatewayPolicy; this one is another API's");
    }

    @Test
    void saysNothingOfWhatAFileHoldsInAMessage() {
        String secret = "{\"kty\":\"RSA\",\"d\":\"c2VjcmV0\"}";
        assertThat(problems(provider("issuer: i\njwks: {inline: 5, inline2: '" + secret + "'}")))
                .noneMatch(problem -> problem.contains("c2VjcmV0"));
    }
}

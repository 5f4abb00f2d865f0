package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValidateCommandTest {
    private static final String FIVE_MISTAKES = """
            apiVersion: gateway.networking.k8s.io/v1alpha2
            kind: TrafficPolicy
            metadata:
              name: five
            spec:
              targetRefs:
                - group: gateway.networking.k8s.io
                  kind: Gateway
                  name: llm
              traffic:
                jwtAuthentication:
                  mode: Strikt
                  provider: []
                  providers:
                    - issuer: 7
                      jwks: {inline: '{"keys":[]}', remote: {url: "https://id.test/keys"}}
                  authorization:
                    action: Allow
                    policy:
                      matchExpressions: []
            """;

    @TempDir
    private Path folder;

    @Test
    void tellsEveryMistakeAtOnceEachWithItsPlace() throws IOException {
        Path file = write("five.yaml", FIVE_MISTAKES);

        Cli run = Cli.run("validate", "--file", file.toString());

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out().lines().filter(line -> !line.contains("warning:")))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith(file + ":12:13: ").contains("`Strict`"),
                        line -> assertThat(line).startsWith(file + ":13:7: ").contains("`providers`"),
                        line -> assertThat(line).startsWith(file + ":15:19: ").contains("issuer"),
                        line -> assertThat(line).startsWith(file + ":16:").contains("jwks"),
                        line -> assertThat(line).startsWith(file + ":20:29: ").contains("matchExpressions"));
    }

    @Test
    void warnsOfHeadersThatOnlyATrustedProxyMaySet() throws IOException {
        String file = write("proxied.yaml", """
                apiVersion: gateway.networking.k8s.io/v1alpha2
                kind: TrafficPolicy
                metadata: {name: proxied}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm}]
                  traffic:
                    jwtAuthentication:
                      location: {header: {name: X-Forwarded-Access-Token}}
                      providers: [{issuer: i, jwks: {remote: {url: 'https://id.test/keys'}}}]
                    authorization:
                      policy:
                        matchExpressions:
                          - request.headers["x-forwarded-for"] == "10.0.0.1" // not "x-forwarded-email"
                          - '"X-Forwarded-User" in request.headers'
                """).toString();

        Cli run = Cli.run("validate", "--file", file);
        assertThat(run.exit()).isZero();
        assertThat(run.out().lines().filter(line -> line.contains("no request has the header")))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith(file + ":8:7: ")
                                .contains("warning: ", "`X-Forwarded-Access-Token`", "give its addresses in"),
                        line -> assertThat(line)
                                .startsWith(file + ":14:14: ")
                                .contains("warning: ", "`X-Forwarded-User`", "--trusted-proxies"));
        assertThat(Cli.run("validate", "--file", file, "--trusted-proxies", "10.0.0.0/8")
                        .out())
                .doesNotContain("no request has the header");
        Cli wrong = Cli.run("validate", "--file", file, "--trusted-proxies", "proxy.test");
        assertThat(wrong.exit()).isEqualTo(2);
        assertThat(wrong.err()).contains("--trusted-proxies: expected a network");
    }

    @Test
    void tellsMistakesInKeysAndExpressions() throws IOException {
        String policy = FIVE_MISTAKES
                .replace("Strikt", "Strict")
                .replace("      provider: []\n", "")
                .replace("issuer: 7", "issuer: i")
                .replace(", remote: {url: \"https://id.test/keys\"}", "")
                .replace("[]\n", "[jwt.sub.endWith('x'), request.metod == 'GET', '']\n");
        Path file = write("two.yaml", policy);

        Cli run = Cli.run("validate", "--file", file.toString());

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out())
                .contains("two.yaml:15:")
                .contains("no key")
                .contains("`endWith`")
                .contains("did you mean `method`?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/(?!admin).*",
                "(/a)\\1",
                "/(?<=v1)x",
                "/a++",
                "/(a{100}){100}",
                "/[a-z&&[^b]]+",
                "/[a[bc]]",
                "(?i)/[b-\\x{10ffff}]",
                "/(",
            })
    void refusesPatternsThatMayTakeLongOrMeanAnotherThing(String pattern) throws IOException {
        for (String match : List.of(
                "path: {type: RegularExpression, value: '" + pattern + "'}",
                "headers: [{type: RegularExpression, name: x, value: '" + pattern + "'}]",
                "queryParams: [{type: RegularExpression, name: x, value: '" + pattern + "'}]")) {
            Cli run = Cli.run(
                    "validate",
                    "--file",
                    write("route.yaml", ROUTE + match + "}]}]\n").toString());

            assertThat(run.exit()).isEqualTo(1);
            assertThat(run.out()).contains("route.yaml:6:").contains("RE2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v[0-9]+/[^/]+", "(?i)/ADMIN(/.*)?", "/[[:alpha:]]+", "/[]\\[a-c]", "/a|/b"})
    void takesPatternsOfTheSyntaxThatIsLinear(String pattern) throws IOException {
        Path file = write("route.yaml", ROUTE + "path: {type: RegularExpression, value: '" + pattern + "'}}]}]\n");

        assertThat(Cli.run("validate", "--file", file.toString()).out()).doesNotContain("RE2");
    }

    private static final String ROUTE = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: chat}
            spec:
              parentRefs: [{name: llm}]
              rules: [{matches: [{""";

    @Test
    void tellsSettingsWithoutEffect() throws IOException {
        Path file = write("idle.yaml", """
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: idle}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: ListenerSet, name: set}]
                  strategy: {inheritance: Override}
                  traffic:
                    phase: PreRouting
                    authorization:
                      action: Require
                      onEvaluationError: Ignore
                      policy: {matchExpressions: ['true']}
                """);

        Cli run = Cli.run("validate", "--file", file.toString());

        assertThat(run.exit()).isZero();
        assertThat(run.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith(file + ":1:1: warning: ")
                                .contains("ListenerSet"),
                        line -> assertThat(line)
                                .startsWith(file + ":8:12: warning: ")
                                .contains("`Override`"),
                        line -> assertThat(line)
                                .startsWith(file + ":11:7: warning: ")
                                .contains("`onEvaluationError`"));
    }

    @Test
    void passesTheTutorialsManifestsWithAKeySet() throws IOException {
        assertThat(Cli.run("keys", "--out", folder.resolve("keys").toString()).exit())
                .isZero();
        String keys = Files.readString(folder.resolve("keys").resolve("jwks.json"));
        Path manifests = Files.createDirectory(folder.resolve("manifests"));
        for (String name : new String[] {"gateway.yaml", "openai.yaml", "jwt-auth.yaml"}) {
            String text = Files.readString(Path.of("manifests", name));
            Files.writeString(
                    manifests.resolve(name), text.replace("$JWKS", keys.strip()).replace("$OPENAI_API_KEY", "sk-test"));
        }

        Cli run = Cli.run("validate", "--file", manifests.toString());

        assertThat(run.out()).isEmpty();
        assertThat(run.exit()).isZero();
    }

    @Test
    void tellsWhatCanNotBeRead() throws Exception {
        Files.createSymbolicLink(folder.resolve("dangling.yaml"), folder.resolve("nowhere"));
        Files.createSymbolicLink(folder.resolve("looping.yaml"), folder.resolve("looping.yaml"));
        Files.createDirectory(folder.resolve("folder.yaml"));
        assertThat(new ProcessBuilder("mkfifo", folder.resolve("pipe.yaml").toString())
                        .start()
                        .waitFor())
                .isZero();

        Cli run = Cli.run("validate", "--file", folder.toString());

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out().replace(folder + "/", "").lines())
                .containsExactly(
                        "dangling.yaml:1:1: the file can't be read: it is a link to a file that does not exist",
                        "folder.yaml:1:1: the file can't be read: it is a folder; expected a regular file",
                        "looping.yaml:1:1: the file can't be read: its links lead in a circle",
                        "pipe.yaml:1:1: the file can't be read: it is a pipe, a socket or a device; expected a regular"
                                + " file");
    }

    @Test
    void tellsOfAFileThatIsGone() {
        assertThat(Cli.run("validate", "--file", folder.resolve("gone.yaml").toString())
                        .exit())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"policy.yaml~", "policy.YAML", "policy.yaml.txt", "policy", "policy.yaml.bak", "p.Json"})
    void tellsOfAManifestUnderANameThatIsNotRead(String name) throws IOException {
        write("read.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n");
        write(name, "# the policy\n---\n" + FIVE_MISTAKES);

        Cli run = Cli.run("validate", "--file", folder.toString());

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).contains(name + ":1:1: this looks like a manifest and is not read under this name");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            aGVsbG8=      | true
            aGVsbG8       | false
            aGVs bG8=     | false
            aGVsbG8_      | false
            sk-test       | false
            ''            | true
            """)
    void tellsWhatIsNoBase64(String data, boolean valid) throws IOException {
        Path file = write("s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {k: '" + data + "'}\n");

        Cli run = Cli.run("validate", "--file", file.toString());

        assertThat(run.exit()).isEqualTo(valid ? 0 : 1);
        assertThat(run.out())
                .isEqualTo(
                        valid
                                ? ""
                                : file + ":4:11: data.k: expected base64 with its padding; plain text goes under"
                                        + " `stringData`\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "apiVersion: v1#kind: Service#metadata: {name: my_svc}#spec: {ports: [{port: 80}]}",
                "apiVersion: v1#kind: Service#metadata: {name: svc, namespace: my_team}#spec: {ports: [{port: 80}]}",
                "apiVersion: gateway.networking.k8s.io/v1#kind: HTTPRoute#metadata: {name: r}#spec: {rules: [{backendRefs:"
                        + " [{name: my_svc, port: 80}]}]}",
                "apiVersion: gateway.networking.k8s.io/v1#kind: HTTPRoute#metadata: {name: r}#spec: {hostnames: [a..b],"
                        + " rules: [{}]}",
                "apiVersion: agentgateway.dev/v1alpha1#kind: AgentgatewayBackend#metadata: {name: b}#spec: {static: {host:"
                        + " 10.1.2, port: 80}}",
                "apiVersion: agentgateway.dev/v1alpha1#kind: AgentgatewayBackend#metadata: {name: b}#spec: {ai: {provider:"
                        + " {openai: {}, host: a..b, port: 80}}}",
                "apiVersion: agentgateway.dev/v1alpha1#kind: AgentgatewayPolicy#metadata: {name: p}#spec: {targetRefs:"
                        + " [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}], traffic: {jwtAuthentication:"
                        + " {providers: [{issuer: i, jwks: {remote: {jwksPath: keys, backendRef: {name: my_svc, port:"
                        + " 80}}}}]}}}",
                "apiVersion: agentgateway.dev/v1alpha1#kind: AgentgatewayPolicy#metadata: {name: p}#spec: {targetRefs:"
                        + " [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}], traffic: {jwtAuthentication:"
                        + " {providers: [{issuer: 'https://my_host', discovery: true}]}}}"
            })
    void saysTheSameAsTheStartOfNamesThatCanBeNoHosts(String document) throws IOException {
        Path file = write("d.yaml", document.replace("#", "\n") + "\n");

        Cli validate = Cli.run("validate", "--file", file.toString());
        Cli serve = Cli.run("serve", "--file", file.toString(), "--port", "0", "--admin-port", "0");

        assertThat(validate.exit()).isEqualTo(1);
        assertThat(serve.exit()).isEqualTo(1);
        String error = validate.out()
                .lines()
                .filter(line -> !line.contains("warning:"))
                .findFirst()
                .orElse("none");
        assertThat(error).startsWith(file + ":");
        assertThat(serve.err()).contains(error).doesNotContain("internal error");
    }

    @Test
    void givesOnlyVariablesToSecretsThatTheyMayHave() throws IOException {
        Path file = write(
                "s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: 'Bearer ${PATH}'}\n");

        Cli closed = Cli.run("validate", "--file", file.toString());
        Cli named = Cli.run("validate", "--file", file.toString(), "--env", "PATH,OTHER");

        assertThat(closed.exit()).isZero();
        assertThat(closed.out())
                .isEqualTo(file + ":4:17: warning: stringData.k: `PATH` is not taken from the environment: name it by"
                        + " `--env PATH` if these files may have it\n");
        assertThat(named.out()).isEmpty();
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    /** What is misspelt is all that is wrong: what follows from it is not told. */
    @ParameterizedTest
    @CsvSource({
        "Gateway, listeners, liteners",
        "Gateway, metadata, metdata",
        "Gateway, kind, kinds",
        "HTTPRoute, parentRefs, parentRef",
        "HTTPRoute, namespace, namspace",
        "HTTPRoute, group, grop",
        "AgentgatewayBackend, provider, provder",
        "AgentgatewayBackend, apiVersion, apiVersoin",
        "Secret, stringData, stringDate",
        "AgentgatewayPolicy, matchExpressions, matchExpresions",
        "AgentgatewayPolicy, metadata, metdata",
        "AgentgatewayPolicy, namespace, namspace",
        "AgentgatewayPolicy, providers, provider",
    })
    void tellsAMisspeltFieldOnce(String kind, String field, String misspelt) throws IOException {
        String sound = """
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata: {namespace: llm, name: proxy}
                spec: {gatewayClassName: agentgateway, listeners: [{name: http, protocol: HTTP, port: 80}]}
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {namespace: llm, name: chat}
                spec:
                  parentRefs: [{name: proxy}]
                  rules: [{backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]}]
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {namespace: llm, name: models}
                spec:
                  parentRefs: [{name: proxy}]
                  rules: [{backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]}]
                ---
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayBackend
                metadata: {namespace: llm, name: openai}
                spec: {ai: {provider: {openai: {}}}, policies: {auth: {secretRef: {name: key}}}}
                ---
                apiVersion: v1
                kind: Secret
                metadata: {namespace: llm, name: key}
                stringData: {Authorization: abc}
                ---
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {namespace: llm, name: guard}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
                  traffic:
                    jwtAuthentication:
                      providers: [{issuer: 'https://id.example.com', jwks: {remote: {url: 'https://id.example.com/k'}}}]
                    authorization: {policy: {matchExpressions: ['jwt.vip']}}
                """;
        assertThat(Cli.run("validate", "--file", write("sound.yaml", sound).toString())
                        .out())
                .isEmpty();
        int start = sound.indexOf("kind: " + kind);
        int document = sound.lastIndexOf("apiVersion", start);
        int at = sound.indexOf(field + ":", document);
        String spoilt = sound.substring(0, at) + misspelt + sound.substring(at + field.length());

        Cli run = Cli.run("validate", "--file", write("spoilt.yaml", spoilt).toString());

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out().lines())
                .singleElement()
                .asString()
                .endsWith("unknown field `" + misspelt + "`; did you mean `" + field + "`?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "matchExpressions: ['jwt.a', 'jwt.b'] # lint: accept any-of (either)",
                "# lint: accept any-of\n          matchExpressions: ['jwt.a', 'jwt.b']",
                "matchExpressions:\n          # lint: accept any-of (either)\n          - jwt.a\n          - jwt.b",
                "matchExpressions:\n          # lint: accept no-audience, any-of (either)\n          # of two\n\n          - jwt.a\n          - jwt.b",
                "matchExpressions:\n          - jwt.a # lint: accept any-of\n          - jwt.b",
            })
    void saysNothingOfSeveralAllowExpressionsWhereThatIsMeant(String expressions) throws IOException {
        String policy = """
                apiVersion: agentgateway.dev/v1alpha1
                kind: AgentgatewayPolicy
                metadata: {name: guard}
                spec:
                  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
                  traffic:
                    authorization:
                      policy:
                        EXPRESSIONS
                """.replace("EXPRESSIONS", expressions);
        String without = policy.replaceAll("#.*", "");

        assertThat(Cli.run("validate", "--file", write("without.yaml", without).toString())
                        .out())
                .contains("any of these expressions suffices", "by the comment `# lint: accept any-of`");
        assertThat(Cli.run("validate", "--file", write("with.yaml", policy).toString())
                        .out())
                .doesNotContain("any of these");
        assertThat(Cli.run("lint", "--file", write("with.yaml", policy).toString())
                        .out())
                .doesNotContain("(any-of)");
    }
}

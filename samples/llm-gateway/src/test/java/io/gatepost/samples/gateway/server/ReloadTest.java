package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.routes.manifest.Environment;
import io.gatepost.tools.token.TokenIssuer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What guards a route can't vanish by accident. */
@Timeout(120)
class ReloadTest {
    private static final TokenIssuer SOLO = TokenIssuer.of("solo.io");
    private static final String ROUTES = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec:
              gatewayClassName: gatepost
              listeners: [{name: http, port: 8080, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: openai}
            spec: {ai: {provider: {openai: {}}}}
            """ + route("default", "chat", "/chat") + route("default", "other", "/other");
    private static final String OTHER_NAMESPACE = route("team", "chat", "/team");
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: guard, namespace: default}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                jwtAuthentication:
                  providers: [{issuer: solo.io, jwks: {inline: 'JWKS'}}]
            """.replace("JWKS", SOLO.jwks());
    private static final String OTHER_POLICY =
            POLICY.replace("name: guard", "name: other-guard").replace("name: chat", "name: other");
    private static final String TWO_TARGETS = POLICY.replace(
            "name: chat}]", "name: chat}, {group: gateway.networking.k8s.io, kind: HTTPRoute, name: other}]");

    @TempDir
    private Path folder;

    @TempDir
    private Path elsewhere;

    private final HttpClient client = HttpClient.newHttpClient();
    private final PrintStream err = System.err;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private @Nullable GatewayServer gateway;

    @BeforeEach
    void writeManifests() throws IOException {
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        write("routes.yaml", ROUTES);
        write("policy.yaml", POLICY);
        write("others.yaml", OTHER_POLICY);
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        System.setErr(err);
    }

    /** What becomes of a policy's file. */
    enum Accident {
        DANGLING_LINK {
            @Override
            void happen(Path policy) throws IOException {
                Files.delete(policy);
                Files.createSymbolicLink(policy, policy.resolveSibling("nowhere.yaml.gone"));
            }
        },
        LOOPING_LINK {
            @Override
            void happen(Path policy) throws IOException {
                Files.delete(policy);
                Files.createSymbolicLink(policy, policy);
            }
        },
        FOLDER {
            @Override
            void happen(Path policy) throws IOException {
                Files.delete(policy);
                Files.createDirectory(policy);
            }
        },
        BACKUP_NAME {
            @Override
            void happen(Path policy) throws IOException {
                Files.move(policy, policy.resolveSibling("policy.yaml~"));
            }
        },
        UPPER_CASE_NAME {
            @Override
            void happen(Path policy) throws IOException {
                Files.move(policy, policy.resolveSibling("policy.YAML"));
            }
        },
        NO_ENDING {
            @Override
            void happen(Path policy) throws IOException {
                Files.move(policy, policy.resolveSibling("policy"));
            }
        },
        EMPTY {
            @Override
            void happen(Path policy) throws IOException {
                Files.writeString(policy, "");
            }
        },
        COMMENTS {
            @Override
            void happen(Path policy) throws IOException {
                Files.writeString(policy, "# nothing\n---\n# at all\n");
            }
        },
        OTHER_TARGET {
            @Override
            void happen(Path policy) throws IOException {
                Files.writeString(policy, POLICY.replace("name: chat", "name: chatt"));
            }
        },
        OTHER_NAMESPACE {
            @Override
            void happen(Path policy) throws IOException {
                Files.writeString(policy, POLICY.replace("namespace: default", "namespace: nowhere"));
            }
        },
        MISSPELT_KIND {
            @Override
            void happen(Path policy) throws IOException {
                Files.writeString(policy, POLICY.replace("kind: AgentgatewayPolicy", "kind: AgentGatewayPolicy"));
            }
        },
        PIPE {
            @Override
            void happen(Path policy) throws Exception {
                Files.delete(policy);
                pipe(policy);
            }
        };

        abstract void happen(Path policy) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void keepsARouteGuardedWhenItsPolicyVanishesByAccident(Accident accident) throws Exception {
        for (boolean close : new boolean[] {false, true}) {
            start(close, false);
            accident.happen(folder.resolve("policy.yaml"));
            awaitReload("refused", 1);

            assertThat(status("/chat", null)).as("close: " + close).isEqualTo(401);
            assertThat(status("/chat", "alice")).isEqualTo(200);
            assertThat(running().metrics()).contains("gatepost_routes_opened_total 0");

            for (String leftOver : List.of("policy.yaml", "policy.yaml~", "policy.YAML", "policy")) {
                Files.deleteIfExists(folder.resolve(leftOver));
            }
            write("policy.yaml", POLICY);
            awaitReload("taken", 1);
            running().close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsARouteGuardedWherePoliciesAreRequired(Accident accident) throws Exception {
        start(false, true);

        accident.happen(folder.resolve("policy.yaml"));
        awaitReload("refused", 1);

        assertThat(status("/chat", null)).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({"name: chat, name: free", "namespace: default, namespace: team"})
    void opensARouteWhereItsPolicyGuardsSomethingElseAndSaysSo(String before, String after) throws Exception {
        write("more.yaml", OTHER_NAMESPACE + route("default", "free", "/free"));
        start(false, false);

        write("policy.yaml", POLICY.replace(before, after));
        awaitReload("taken", 1);

        assertThat(status("/chat", null)).isEqualTo(200);
        assertThat(status(after.contains("team") ? "/team" : "/free", null)).isEqualTo(401);
        await("gatepost_routes_opened_total 1.0");
        awaitLog(" WARN gateway - route default/chat: open to everyone since this reload; before it was guarded by"
                + " policy default/guard");
    }

    @ParameterizedTest
    @CsvSource({"name: chat, name: other", "namespace: default, namespace: team"})
    void refusesToOpenARouteWherePoliciesAreRequired(String before, String after) throws Exception {
        write(
                "more.yaml",
                OTHER_NAMESPACE + "---\n" + POLICY.replace("default", "team").replace("guard", "team-guard"));
        start(false, true);

        write("policy.yaml", POLICY.replace(before, after));
        awaitReload("refused", 1);

        assertThat(status("/chat", null)).isEqualTo(401);
        awaitLog("routes.yaml:13:1: no policy guards this route, as `--require-policy` demands");
    }

    @Test
    void closesARouteWhosePolicyIsOfAnotherVersionWhereThatIsWanted() throws Exception {
        start(true, false);

        write("policy.yaml", POLICY.replace("/v1alpha1", "/v1"));
        awaitReload("taken", 1);

        assertThat(status("/chat", "alice")).isEqualTo(403);
    }

    @Test
    void opensARouteWhosePolicyIsTakenAway() throws Exception {
        start(false, false);

        Files.delete(folder.resolve("policy.yaml"));
        awaitReload("taken", 1);

        assertThat(status("/chat", null)).isEqualTo(200);
        await("gatepost_routes_opened_total 1.0");
        await("gatepost_routes_unguarded 1.0");
    }

    @Test
    void refusesToOpenARouteUnderAnotherNameThatItsPolicyDoesNotKnow() throws Exception {
        start(false, false);

        write("routes.yaml", ROUTES.replace("name: chat", "name: talk"));
        awaitReload("refused", 1);

        assertThat(status("/chat", null)).isEqualTo(401);
        awaitLog("route default/talk would be open, which policy default/guard guarded until now");
    }

    /** How what a route guarded comes to an open one, with nothing in doubt. */
    enum Detour {
        MISSPELT_PATH("routes.yaml", ROUTES.replace("value: /chat", "value: /chatt"), "root", "POST any.host/chat"),
        OTHER_HOST(
                "routes.yaml", chat("parentRefs", "hostnames: [x.test]\n  parentRefs"), "root", "POST any.host/chat"),
        EXACT_PATH(
                "routes.yaml",
                chat("type: PathPrefix, value: /chat", "type: Exact, value: /chat"),
                "root",
                "POST any.host/chat/any"),
        MORE_HEADERS(
                "routes.yaml", chat("/chat}", "/chat}, headers: [{name: x, value: y}]"), "root", "POST any.host/chat"),
        MORE_PARAMETERS(
                "routes.yaml",
                chat("/chat}", "/chat}, queryParams: [{name: x, value: y}]"),
                "root",
                "POST any.host/chat"),
        ONE_METHOD("routes.yaml", chat("/chat}", "/chat}, method: PUT"), "root", "POST any.host/chat"),
        SAME_PATH_ELSEWHERE("aa.yaml", route("default", "aa", "/chat"), "aa", "POST any.host/chat"),
        LONGER_PATH_ELSEWHERE("zz.yaml", route("default", "zz", "/chat/v1"), "zz", "POST any.host/chat/v1"),
        PATTERN_ELSEWHERE(
                "zz.yaml",
                route("default", "zz", "/chat/v1.*").replace("PathPrefix", "RegularExpression"),
                "zz",
                "POST any.host/chat/v1"),
        MORE_HEADERS_ELSEWHERE(
                "zz.yaml",
                route("default", "zz", "/chat").replace("/chat}", "/chat}, headers: [{name: X-Open, value: y}]"),
                "zz",
                "POST any.host/chat"),
        HOST_ELSEWHERE(
                "zz.yaml",
                route("default", "zz", "/").replace("parentRefs", "hostnames: [127.0.0.1]\n  parentRefs"),
                "zz",
                "POST 127.0.0.1/chat");

        final String file;
        final String text;
        final String route;
        final String request;

        Detour(String file, String text, String route, String request) {
            this.file = file;
            this.text = text;
            this.route = route;
            this.request = request;
        }
    }

    @ParameterizedTest
    @EnumSource
    void tellsWhichRequestsComeToAnOpenRoute(Detour detour) throws Exception {
        write("root.yaml", route("default", "root", "/"));
        start(false, false);
        assertThat(statusWithHeader("/chat")).isEqualTo(401);

        write(detour.file, detour.text);
        awaitReload("taken", 1);

        assertThat(statusWithHeader("/chat")).isEqualTo(200);
        await("gatepost_routes_opened_total 1.0");
        awaitLog(" WARN gateway - route default/" + detour.route + ": open to everyone since this reload; before it was"
                + " guarded by policy default/guard; such as `" + detour.request + "`");
    }

    @Test
    void tellsOfARouteThatIsRenamedOutOfASelector() throws Exception {
        String labelled = ROUTES.replace("{name: chat,", "{name: chat, labels: {app: llm},")
                .replace("{name: other,", "{name: other, labels: {app: llm},");
        write("routes.yaml", labelled);
        write(
                "policy.yaml",
                POLICY.replaceAll(
                        "targetRefs: .*",
                        "targetSelectors: [{group: gateway.networking.k8s.io, kind: HTTPRoute, matchLabels: {app: llm}}]"));
        start(false, false);

        write("routes.yaml", labelled.replace("{name: chat, labels: {app: llm},", "{name: talk,"));
        awaitReload("taken", 1);

        assertThat(status("/chat", null)).isEqualTo(200);
        await("gatepost_routes_opened_total 1.0");
        awaitLog(
                "route default/talk: open to everyone since this reload; before it was guarded by policy default/guard");
    }

    /** How what a route guarded would come to an open one, with something in doubt. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{name: chat, namespace: default}; {name: chat, namespace: team}",
                "{name: chat, namespace: default}; {name: talk, namespace: default}",
                "{name: gw, namespace: default}; {name: gw, namespace: team}",
                "parentRefs: [{name: gw, namespace: default}]; parentRefs: []"
            })
    void refusesThatRequestsComeToAnOpenRouteWhereSomethingIsInDoubt(String before, String after) throws Exception {
        write("root.yaml", route("default", "root", "/"));
        write("routes.yaml", ROUTES);
        start(false, false);

        write("routes.yaml", chat(before, after));
        awaitReload("refused", 1);

        assertThat(status("/chat", null)).isEqualTo(401);
        assertThat(running().metrics()).contains("gatepost_routes_opened_total 0");
        awaitLog("would be open, which policy default/guard guarded until now, such as `POST any.host/chat`");
    }

    @Test
    void refusesThatRequestsComeToAnOpenRouteWhereTheirRouteIsDeleted() throws Exception {
        write("root.yaml", route("default", "root", "/"));
        write("team.yaml", route("default", "team", "/team"));
        write("policy.yaml", TWO_TARGETS.replace("name: other}", "name: team}"));
        start(false, false);

        Files.delete(folder.resolve("team.yaml"));
        awaitReload("refused", 1);

        assertThat(status("/team", null)).isEqualTo(401);
        awaitLog("route default/root would be open, which policy default/guard guarded until now");
    }

    @Test
    void refusesToOpenOneOfSeveralRoutesUnderAnotherName() throws Exception {
        Files.delete(folder.resolve("others.yaml"));
        write("policy.yaml", TWO_TARGETS);
        start(false, false);

        write("routes.yaml", ROUTES.replace("name: other,", "name: another,"));
        awaitReload("refused", 1);

        assertThat(status("/other", null)).isEqualTo(401);
        awaitLog("HTTPRoute `default/other` is not in these files: add it or correct the name");
        awaitLog("route default/another would be open, which policy default/guard guarded until now");
    }

    @Test
    void takesARouteUnderAnotherNameThatIsGuardedAsBefore() throws Exception {
        write("root.yaml", route("default", "root", "/"));
        start(false, false);

        write("routes.yaml", ROUTES.replace("name: chat", "name: talk"));
        write("policy.yaml", POLICY.replace("name: chat", "name: talk"));
        await("gatepost_reload_refused 0.0");
        awaitLog("the changed files are served");

        assertThat(status("/chat", null)).isEqualTo(401);
        assertThat(running().metrics()).contains("gatepost_routes_opened_total 0");
    }

    @Test
    void warnsOfHeadersThatOnlyATrustedProxyMaySet() throws Exception {
        String policy =
                POLICY.replace("providers:", "location: {header: {name: X-Forwarded-Access-Token}}\n      providers:");
        write("policy.yaml", policy);
        start(false, false);
        awaitLog("no request has the header `X-Forwarded-Access-Token` here");

        write(
                "policy.yaml",
                policy + "    authorization: {policy: {matchExpressions: "
                        + "['request.headers[\"x-forwarded-groups\"] == \"llm\"']}}\n");
        awaitReload("taken", 1);
        awaitLog("no request has the header `x-forwarded-groups` here: it is believed of a trusted proxy only, and none"
                + " is named; give its addresses in --trusted-proxies");
    }

    @Test
    void comparesTenThousandRoutes() throws Exception {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            many.append(route("default", "many" + i, "/many" + i));
        }
        write("many.yaml", many.toString());
        start(false, false);

        write("policy.yaml", onlyBob());
        write("many.yaml", hosts(many.toString()));
        awaitLog("the changed files are served");

        assertThat(status("/chat", null)).isEqualTo(401);
    }

    @Test
    void doesNotStartWithAnOpenRouteWherePoliciesAreRequired() throws Exception {
        Files.delete(folder.resolve("policy.yaml"));

        assertThatThrownBy(() -> start(false, true))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining("routes.yaml:13:1: no policy guards this route");
        assertThatThrownBy(() -> start(true, true)).isInstanceOf(InvalidPolicyException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# soon\n", "---\n", "null\n"})
    void doesNotStartWithoutAnyPolicyWhereAFileHoldsNothing(String text) throws Exception {
        Files.delete(folder.resolve("others.yaml"));
        write("policy.yaml", text);

        assertThatThrownBy(() -> start(false, false))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining("policy.yaml:1:1: no policy is in these files, and nothing is here");
    }

    @Test
    void takesAFolderThatIsSwappedAsKubernetesDoes() throws Exception {
        for (String name : List.of("routes.yaml", "policy.yaml", "others.yaml")) {
            Files.createDirectories(folder.resolve("..1"));
            Files.move(folder.resolve(name), folder.resolve("..1").resolve(name));
            Files.createSymbolicLink(folder.resolve(name), Path.of("..data", name));
        }
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..1"));
        start(false, false);

        Path next = Files.createDirectories(folder.resolve("..2"));
        Files.writeString(next.resolve("routes.yaml"), ROUTES);
        Files.writeString(next.resolve("others.yaml"), OTHER_POLICY);
        Files.writeString(next.resolve("policy.yaml"), onlyBob());
        Files.createSymbolicLink(folder.resolve("..tmp"), Path.of("..2"));
        Files.move(folder.resolve("..tmp"), folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        awaitReload("taken", 1);

        assertThat(status("/chat", "alice")).isEqualTo(403);
        assertThat(running().metrics()).doesNotContain("result=\"refused\"} 1");
    }

    @Test
    void takesAFileThatIsDeletedAndWrittenAgainForOneChange() throws Exception {
        start(false, false);

        Files.delete(folder.resolve("policy.yaml"));
        write("policy.yaml", onlyBob());
        awaitReload("taken", 1);

        assertThat(status("/chat", "alice")).isEqualTo(403);
        assertThat(running().metrics()).contains("gatepost_routes_opened_total 0");
    }

    @Test
    void passesOverWhatIsNoManifest() throws Exception {
        write("README.md", "# Policies\n\n```yaml\n" + POLICY + "```\n");
        write("apply.sh", "#!/bin/sh\nkubectl apply -f - <<EOF\n" + POLICY + "EOF\n");
        write("policy.test.yaml", "tests: []\n");
        Files.createDirectory(folder.resolve("keys"));

        start(false, false);

        assertThat(status("/chat", null)).isEqualTo(401);
    }

    /** The reason lies in a file that nobody watches. */
    @Test
    void triesARefusedReloadAgainThoughNoWatchedFileChanges() throws Exception {
        Path keys = elsewhere.resolve("keys.json");
        start(false, false);
        write("policy.yaml", onlyBob().replaceAll("inline: '[^\n]*'", "file: " + keys));
        awaitReload("refused", 1);
        assertThat(status("/chat", "alice")).isEqualTo(200);

        Files.writeString(keys, SOLO.jwks());
        awaitReload("taken", 1);

        assertThat(status("/chat", "alice")).isEqualTo(403);
        assertThat(running().metrics()).contains("gatepost_reloads_total{result=\"refused\"} 1");
    }

    @Test
    void opensNoPipeAsAKeyFile() throws Exception {
        Path keys = pipe(elsewhere.resolve("keys.json"));
        String policy = POLICY.replaceAll("inline: '[^\n]*'", "file: " + keys);
        start(false, false);

        write("policy.yaml", policy);
        awaitReload("refused", 1);
        awaitLog("it is a pipe, a socket or a device; expected a regular file");
        write("policy.yaml", onlyBob());
        awaitReload("taken", 1);

        assertThat(status("/chat", "alice")).as("a later change").isEqualTo(403);
        assertThat(running().notReadyBecause()).isNull();
        running().close();
        write("policy.yaml", policy);
        assertThatThrownBy(() -> start(false, false))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining("it is a pipe, a socket or a device");
    }

    @Test
    void pollsNoKeysOfFilesThatWereRefused() throws Exception {
        start(false, false);

        write(
                "policy.yaml",
                POLICY.replaceAll("inline: '[^\n]*'", "remote: {url: 'http://127.0.0.1:1/keys'}")
                        + "    authorization: {policy: {matchExpressions: ['jwt.subb.x(']}}\n");
        awaitReload("refused", 1);

        assertThat(running().metrics()).doesNotContain("127.0.0.1:1/keys");
    }

    private static String onlyBob() {
        return POLICY + "    authorization: {policy: {matchExpressions: ['jwt.sub == \"bob\"']}}\n";
    }

    private static String route(String namespace, String name, String prefix) {
        return """
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: NAME, namespace: NAMESPACE}
                spec:
                  parentRefs: [{name: gw, namespace: default}]
                  rules:
                    - matches: [{path: {type: PathPrefix, value: PREFIX}}]
                      backendRefs: [{name: openai, namespace: default, group: agentgateway.dev, kind: AgentgatewayBackend}]
                """.replace("NAMESPACE", namespace).replace("NAME", name).replace("PREFIX", prefix);
    }

    /** The routes with another one to chat. */
    private static String chat(String before, String after) {
        String chat = route("default", "chat", "/chat");
        return ROUTES.replace(chat, chat.replace(before, after));
    }

    /** The same routes, each for a host of its own. */
    private static String hosts(String routes) {
        return routes.replaceAll(
                "(?s)name: (many\\d+)(.*?)  parentRefs", "name: $1$2  hostnames: [$1.test]\n  parentRefs");
    }

    private static Path pipe(Path path) throws Exception {
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor())
                .isZero();
        return path;
    }

    private void start(boolean closeInvalid, boolean requirePolicy) {
        gateway = GatewayServer.start(ServeOptions.builder()
                .manifests(new ServeOptions.ManifestFiles(
                        List.of(folder), closeInvalid, false, requirePolicy, Environment.ofProcess(Set.of())))
                .upstreams(new ServeOptions.Upstreams(true, null, Map.of()))
                .build());
    }

    private GatewayServer running() {
        return Objects.requireNonNull(gateway, "not started");
    }

    /** Without a token, with a header that a route may ask for. */
    private int statusWithHeader(String path) throws Exception {
        return client.send(request(path).header("X-Open", "y").build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(running().url().resolve(path + "/v1/chat/completions"))
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"m\",\"messages\":[]}"));
    }

    private int status(String path, @Nullable String subject) throws Exception {
        HttpRequest.Builder request = request(path);
        if (subject != null) {
            request.header(
                    "Authorization", "Bearer " + SOLO.token().subject(subject).compact());
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private void awaitReload(String result, int count) throws InterruptedException {
        await("gatepost_reloads_total{result=\"" + result + "\"} " + count + ".0");
    }

    private void await(String line) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!running().metrics().contains(line) && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(running().metrics().lines().filter(one -> one.startsWith("gatepost_r")))
                .as(log.toString(StandardCharsets.UTF_8))
                .contains(line);
    }

    private void awaitLog(String text) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!log.toString(StandardCharsets.UTF_8).contains(text) && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(log.toString(StandardCharsets.UTF_8)).contains(text);
    }

    /** As deployments do: written aside, then put in place at once. */
    private void write(String name, String text) throws IOException {
        Path draft = Files.writeString(folder.resolve("." + name), text);
        Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
}

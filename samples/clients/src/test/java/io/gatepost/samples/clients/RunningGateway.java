package io.gatepost.samples.clients;

import io.gatepost.samples.gateway.Main;
import io.gatepost.tools.token.TokenIssuer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The sample gateway in front of its mock, open to alice only, in a process of its own. */
final class RunningGateway implements AutoCloseable {
    /** What the mock says. */
    static final String ANSWER =
            "A JSON Web Token is a signed statement about its bearer: who issued it, whom it speaks of and until when it holds.";

    static final String NO_TOKEN = "a bearer token is required";
    static final String BAD_TOKEN = "the access token is invalid";
    static final String FORBIDDEN = "the policy denies this request";

    /** Whose pages may ask unless others are named. */
    static final String ORIGIN = "https://app.example.com";

    private static final String READY = "ready ";
    private static final TokenIssuer ISSUER = TokenIssuer.of("solo.io");
    private static final TokenIssuer STRANGER = TokenIssuer.of("solo.io");
    private static final String MANIFESTS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: gw}
            spec:
              gatewayClassName: agentgateway
              listeners: [{name: http, protocol: HTTP, port: 80}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayBackend
            metadata: {name: openai}
            spec: {ai: {provider: {openai: {}}}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: openai}
            spec:
              parentRefs: [{name: gw}]
              rules: [{backendRefs: [{name: openai, group: agentgateway.dev, kind: AgentgatewayBackend}]}]
            ---
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: only-alice}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: gw}]
              traffic:
                jwtAuthentication:
                  providers: [{issuer: solo.io, jwks: {inline: 'JWKS'}}]
                authorization: {policy: {matchExpressions: ['jwt.sub == "alice"']}}
                cors: {allowOrigins: ['ORIGIN'], allowMethods: [POST], allowHeaders: [authorization, content-type]}
            """;

    private final Process process;
    private final String url;

    private RunningGateway(Process process, String url) {
        this.process = process;
        this.url = url;
    }

    static RunningGateway start(Path folder) throws IOException {
        return start(folder, ORIGIN);
    }

    /** Started for pages of one origin, with more of what {@code serve} takes. */
    static RunningGateway start(Path folder, String origin, String... options) throws IOException {
        Path file = folder.resolve("gateway.yaml");
        Files.writeString(file, MANIFESTS.replace("JWKS", ISSUER.jwks()).replace("ORIGIN", origin));
        Process process = new ProcessBuilder(command(file, options))
                .redirectError(new File("target", "gateway.log"))
                .start();
        for (String line = ""; line != null; line = process.inputReader().readLine()) {
            if (line.startsWith(READY)) {
                return new RunningGateway(process, line.substring(READY.length()));
            }
        }
        throw new IOException("the gateway did not start, see target/gateway.log");
    }

    private static List<String> command(Path file, String... options) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String[] serve = {"serve", "--file", file.toString(), "--port", "0", "--mock-llm"};
        List<String> command =
                new ArrayList<>(List.of(java, "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(serve));
        command.addAll(List.of(options));
        if (!command.contains("--admin-port")) {
            command.addAll(List.of("--admin-port", "0"));
        }
        return command;
    }

    /** What a client is told instead of OpenAI's own address. */
    String baseUrl() {
        return url + "/v1";
    }

    static String token(String subject) {
        return ISSUER.token().subject(subject).compact();
    }

    /** Signed by a key that the gateway does not have. */
    static String forgedToken() {
        return ISSUER.token().signedBy(STRANGER).compact();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }
}

package io.gatepost.samples.gateway;

import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.samples.gateway.server.GatewayServer;
import io.gatepost.samples.gateway.server.ServeOptions;
import io.gatepost.samples.gateway.server.ServeOptions.ForwardAuthOptions;
import io.gatepost.samples.gateway.server.ServeOptions.Listen;
import io.gatepost.samples.gateway.server.ServeOptions.ManifestFiles;
import io.gatepost.samples.gateway.server.ServeOptions.Upstreams;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code serve}: runs the gateway until the process is told to end. */
@Command(
        name = "serve",
        description = "Serves the routes of the manifests, guarded by their policies; takes up changed files.",
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(?:\\.\\d{1,3}){3}|::1");

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final ManifestOptions manifests = new ManifestOptions();

    @Mixin
    private final ListenOptions listen = new ListenOptions();

    @Option(names = "--mock-llm", description = "answer chat completions in process instead of asking a backend")
    private boolean mockLlm;

    @Option(names = "--upstream", paramLabel = "URL", description = "ask this URL instead of any backend")
    private @Nullable URI upstream;

    @Mixin
    private final ResolveOption resolve = new ResolveOption();

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description = "keep the last good keys here, so that a restart while a key server is down serves at once;"
                    + " this user, and nobody else, may write it or what leads to it")
    private @Nullable Path stateDir;

    @Option(
            names = "--on-invalid-policy",
            paramLabel = "reject|close",
            defaultValue = "reject",
            description = "refuse to start and to reload, or close only the policy's targets; default ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private OnInvalidPolicy onInvalidPolicy;

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            converter = TokenCommand.TimeConverter.class,
            description = "how long at most to compile what serving takes before it is ready, by requests to itself;"
                    + " 0s is off; default 5s, with --mock-llm 0s")
    private @Nullable Duration warmUp;

    @Option(
            names = "--require-policy",
            description = "a route that no policy guards is an error, at the start and when files change; default off")
    private boolean requirePolicy;

    @Option(
            names = "--trusted-proxies",
            paramLabel = "CIDR",
            split = ",",
            description = "networks of proxies in front whose X-Forwarded-For, -Proto and -Host count; default none")
    private List<String> trustedProxies = List.of();

    @Option(
            names = "--forward-auth-port",
            paramLabel = "PORT",
            description = "answer nginx auth_request, Caddy forward_auth and the like here; for a trusted proxy only:"
                    + " whoever reaches this port is believed what it says about a request. The proxy must drop the"
                    + " client's Authorization and X-Auth-* headers; default off")
    private @Nullable Integer forwardAuthPort;

    @Option(
            names = "--forward-auth-claims",
            paramLabel = "NAME",
            split = ",",
            description = "claims to tell that proxy as X-Auth-Claim-NAME, beside X-Auth-Subject and X-Auth-Issuer;"
                    + " default none")
    private List<String> forwardAuthClaims = List.of();

    @Option(
            names = "--audit-log",
            paramLabel = "FILE",
            description = "append a line of JSON for each decision; - is the standard output; default none")
    private @Nullable Path auditLog;

    @Option(
            names = "--audit-claims",
            paramLabel = "NAME",
            split = ",",
            description = "claims to record there beside subject and issuer; default none")
    private List<String> auditClaims = List.of();

    @Option(
            names = "--audit-explain",
            description = "record there why each denial came about, for the verb why: the checks of the token and the"
                    + " parts of the rules, of claims only --audit-claims, subject and issuer")
    private boolean auditExplain;

    @Option(
            names = "--playground",
            description = "serve a page to try policies on, at /playground/ on the admin port; loopback only unless"
                    + " --playground-host is given; default off")
    private boolean playground;

    @Option(
            names = "--playground-host",
            paramLabel = "NAME",
            split = ",",
            description = "answer the playground under this name or address too, as a browser has it in its address"
                    + " line, and where --host is not loopback; default none")
    private Set<String> playgroundHosts = Set.of();

    private enum OnInvalidPolicy {
        reject,
        close
    }

    @Override
    public Integer call() throws InterruptedException {
        NativeCryptography.install();
        CountDownLatch ended = new CountDownLatch(1);
        AtomicReference<@Nullable GatewayServer> serving = new AtomicReference<>();
        Thread drain = new Thread(() -> end(serving.get()), "drain");
        Runtime.getRuntime().addShutdownHook(drain);
        try (GatewayServer server = start(drain)) {
            serving.set(server);
            PrintWriter out = spec.commandLine().getOut();
            server.overview().forEach(out::println);
            out.println("ready " + server.url());
            out.flush();
            ended.await();
        }
        return 0;
    }

    /** Asked to end, the process has done what it should: 0, and not the 143 of one that was killed. */
    private static void end(@Nullable GatewayServer server) {
        if (server != null) {
            server.close();
        }
        Runtime.getRuntime().halt(0);
    }

    /** @param drain what is not to run where there is nothing to end */
    private GatewayServer start(Thread drain) {
        try {
            return GatewayServer.start(options());
        } catch (RuntimeException problem) {
            forget(drain);
            if (problem.getCause() instanceof BindException) {
                throw new CommandException(unbound(problem.getCause().getMessage()));
            }
            if (problem instanceof UncheckedIOException) {
                throw new CommandException(String.valueOf(problem.getMessage()));
            }
            throw problem;
        }
    }

    private static void forget(Thread drain) {
        try {
            Runtime.getRuntime().removeShutdownHook(drain);
        } catch (IllegalStateException ending) {
            // It was asked to end meanwhile.
        }
    }

    private String unbound(@Nullable String reason) {
        Listen wanted = listen.listen();
        String others = (wanted.adminPort() == 0 ? "" : " or " + wanted.adminPort())
                + (forwardAuthPort == null ? "" : " or " + forwardAuthPort);
        return "port " + wanted.port() + others + " of " + wanted.host() + " can't be listened on: something else does,"
                + " or the host is not this machine's, or the port is below 1024; choose others by --port"
                + " and --admin-port (" + reason + ")";
    }

    private ServeOptions options() {
        if (mockLlm && upstream != null) {
            throw misused("--mock-llm and --upstream exclude each other");
        }
        if (upstream != null && !isBaseUrl(upstream)) {
            throw misused("--upstream: expected a URL such as http://127.0.0.1:8000");
        }
        return served();
    }

    private ServeOptions served() {
        return ServeOptions.builder()
                .manifests(new ManifestFiles(
                        manifests.files(),
                        onInvalidPolicy == OnInvalidPolicy.close,
                        manifests.warnUnsupported(),
                        requirePolicy,
                        manifests.environment()))
                .listen(listen.listen())
                .upstreams(new Upstreams(mockLlm, upstream, resolve.addresses()))
                .stateDir(stateDir)
                .discoveryHosts(resolve.discoveryHosts())
                .trustedProxies(asked("--trusted-proxies: ", () -> TrustedProxies.of(trustedProxies)))
                .forwardAuth(forwardAuth())
                .tls(asked("", listen::tls))
                .limits(asked("--max-* and --*-timeout: ", listen::limits))
                .h2cUpgrade(listen.h2cUpgrade())
                .adminHosts(listen.adminHosts())
                .warmUp(warmUp == null ? mockLlm ? Duration.ZERO : WARM_UP : warmUp)
                .drainTimeout(listen.drainTimeout())
                .audit(auditLog == null ? null : new ServeOptions.AuditOptions(auditLog, auditClaims, auditExplain))
                .playgroundHosts(playground())
                .build();
    }

    private @Nullable Set<String> playground() {
        if (!playground) {
            if (!playgroundHosts.isEmpty()) {
                throw misused("--playground-host needs --playground");
            }
            return null;
        }
        if (listen.listen().adminPort() == 0) {
            throw misused("--playground needs the admin port: leave out --admin-port 0");
        }
        String host = listen.listen().host();
        if (playgroundHosts.isEmpty() && !LOOPBACK.matcher(host).matches()) {
            throw misused(
                    "--playground is for loopback, and --host is `" + host + "`: leave out --host, or allow others"
                            + " to use it by --playground-host and the name that they use");
        }
        return playgroundHosts;
    }

    /** The claims are checked also where nobody asks for them: a typing error should not wait. */
    private @Nullable ForwardAuthOptions forwardAuth() {
        ForwardAuthOptions told = asked(
                "--forward-auth-claims: ",
                () -> new ForwardAuthOptions(forwardAuthPort == null ? 0 : forwardAuthPort, forwardAuthClaims));
        return forwardAuthPort == null ? null : told;
    }

    /** What options come to; where that is nothing, their user is told by this beginning and the reason. */
    private <T extends @Nullable Object> T asked(String beginning, Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw misused(beginning + e.getMessage());
        }
    }

    private static boolean isBaseUrl(URI url) {
        return ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
                && url.getHost() != null
                && url.getRawUserInfo() == null
                && url.getRawQuery() == null
                && url.getRawFragment() == null;
    }

    private ParameterException misused(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

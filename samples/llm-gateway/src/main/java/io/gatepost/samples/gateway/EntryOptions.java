package io.gatepost.samples.gateway;

import io.gatepost.policy.forward.Entry;
import io.gatepost.policy.forward.RequestBody;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.samples.gateway.server.Limits;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How {@code serve} is taken to have been started: what it does with a request before it asks a policy. */
@SuppressWarnings("NullAway.Init")
final class EntryOptions {
    /** A request's own is random. */
    private static final String SOME_ID = "00000000-0000-4000-8000-000000000000";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--trusted-proxies",
            paramLabel = "NETWORK",
            split = ",",
            description = "as of `serve`: whose X-Forwarded-* headers are believed; default nobody's")
    private List<String> trustedProxies = List.of();

    @Option(
            names = "--max-judged-body-bytes",
            paramLabel = "BYTES",
            description = "as of `serve`: how long a body may be that rules read; default ${DEFAULT-VALUE}")
    private int judgedBody = RequestBody.DEFAULT_LIMIT;

    /** As it is behind the gateway's own server. */
    Entry entry() {
        return believing().standingForServer(Limits.DEFAULT.headerBytes());
    }

    /** As it is there, but that no head is too long: a token of any length is judged. */
    Entry unlimited() {
        return believing().standingForServer(Integer.MAX_VALUE);
    }

    private Entry believing() {
        try {
            return new Entry(TrustedProxies.of(trustedProxies))
                    .withJudgedBodyLimit(judgedBody)
                    .withHeader("X-Request-Id", SOME_ID);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--trusted-proxies: " + e.getMessage());
        }
    }
}

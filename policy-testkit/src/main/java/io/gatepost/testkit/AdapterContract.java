package io.gatepost.testkit;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.Upstream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;

/**
 * What every adapter keeps, whatever server it is for. Extend it in the adapter's tests, implement {@link #start}, and
 * all cases run against the real server over real sockets:
 *
 * <pre>{@code
 * class MyServerContractTest extends AdapterContract {
 *     public Adapter start(PolicyEngine engine, Upstream upstream) { ... }
 * }
 * }</pre>
 *
 * <p>Cases of an adapter's own go into the same class; they talk over a {@link WireClient}, with a
 * {@link ScriptedUpstream} behind the adapter.
 */
public abstract class AdapterContract
        implements AuthenticationCases,
                CredentialCases,
                BodyCases,
                ModelCases,
                ForwardingCases,
                ReuseCases,
                StreamingCases,
                FramingCases,
                LogCases {
    /** For subclasses. */
    protected AdapterContract() {}

    /** A server that runs. */
    public interface Adapter extends AutoCloseable {
        /**
         * Where it listens.
         *
         * @return an address on loopback
         */
        InetSocketAddress address();

        /** Stops the server. */
        @Override
        void close() throws IOException;
    }

    /**
     * Starts a server on a free port of loopback, with defaults otherwise: every request to it is guarded by the
     * engine, and what is allowed is forwarded to the upstream.
     *
     * @param engine what decides
     * @param upstream where to forward
     * @return the server; closed after the case
     * @throws Exception where it can't start
     */
    @Override
    public abstract Adapter start(PolicyEngine engine, Upstream upstream) throws Exception;

    /**
     * Starts a server as {@link #start(PolicyEngine, Upstream)}, with another limit for bodies that are read. The cases
     * for the limit are skipped unless this is overridden.
     *
     * @param engine what decides
     * @param upstream where to forward
     * @param bodyLimit how large a body may be that rules judge or the upstream's model changes
     * @return the server; closed after the case
     * @throws Exception where it can't start
     */
    @Override
    public Adapter start(PolicyEngine engine, Upstream upstream, int bodyLimit) throws Exception {
        return Assumptions.abort("this adapter is not told how large bodies may be");
    }

    /**
     * The loggers of the server itself, which may write whatever it reads from the wire at its finest level. What all
     * others log must hold no secret.
     *
     * @return prefixes of names; none unless overridden
     */
    @Override
    public Set<String> serverLoggers() {
        return Set.of();
    }

    /**
     * Whether the adapter forwards over the JDK's HTTP client. On Java before 21 that takes an interim answer, such as
     * 103, for the upstream's answer, so that the case for it is skipped there.
     *
     * @return false unless overridden
     */
    @Override
    public boolean forwardsOverJdkClient() {
        return false;
    }
}

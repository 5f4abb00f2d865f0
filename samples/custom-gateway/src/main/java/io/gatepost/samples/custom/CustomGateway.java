package io.gatepost.samples.custom;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.policy.forward.jdk.JdkForwarder;
import io.gatepost.policy.keys.KeySources;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import org.eclipse.jetty.server.Server;

/** Starts the gateway: {@code CustomGateway POLICY_FILE UPSTREAM PORT}. */
public final class CustomGateway {
    private CustomGateway() {}

    /**
     * Serves on loopback until the process ends.
     *
     * @param args a file of policies, the upstream's URL, and the port
     * @throws Exception where a file can't be read or the port is taken
     */
    public static void main(String[] args) throws Exception {
        try (KeySources keys = KeySources.create();
                PolicyEngine engine = PolicyEngine.builder()
                        .policies(PolicyReader.read(Path.of(args[0])))
                        .expressions(new CelExpressionCompiler())
                        .keys(keys)
                        .build()) {
            Server server = server(engine, Upstream.of(URI.create(args[1])), Integer.parseInt(args[2]));
            server.setStopAtShutdown(true);
            server.start();
            server.join();
        }
    }

    static Server server(PolicyEngine engine, Upstream upstream, int port) {
        Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        server.setHandler(
                new GuardedHandler(engine, JdkForwarder.builder(upstream).build()));
        return server;
    }
}

package io.gatepost.samples.jetty;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.servlet.LlmForwardingServlet;
import io.gatepost.servlet.PolicyFilter;
import jakarta.servlet.DispatcherType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumSet;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;

/** A gateway in Jetty: {@code JettyGateway POLICY_FILE UPSTREAM PORT}. */
public final class JettyGateway {
    private JettyGateway() {}

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
        ServletContextHandler context = new ServletContextHandler("/");
        FilterHolder guard = new FilterHolder(new PolicyFilter(engine));
        guard.setName("guard");
        guard.setAsyncSupported(true);
        context.addFilter(guard, "/*", EnumSet.allOf(DispatcherType.class));
        context.addServlet(new ServletHolder(LlmForwardingServlet.to(upstream)), "/*");
        Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        server.setHandler(context);
        return server;
    }
}

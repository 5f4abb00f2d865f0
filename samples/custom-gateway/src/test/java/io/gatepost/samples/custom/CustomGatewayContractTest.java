package io.gatepost.samples.custom;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.testkit.AdapterContract;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

class CustomGatewayContractTest extends AdapterContract {
    @Override
    public Adapter start(PolicyEngine engine, Upstream upstream) throws Exception {
        Server server = CustomGateway.server(engine, upstream, 0);
        server.start();
        return new Adapter() {
            @Override
            public InetSocketAddress address() {
                int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
                return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            }

            @Override
            public void close() {
                try {
                    server.stop();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    @Override
    public Set<String> serverLoggers() {
        return Set.of("org.eclipse.jetty");
    }

    @Override
    public boolean forwardsOverJdkClient() {
        return true;
    }
}

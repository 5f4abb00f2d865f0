package io.gatepost.undertow;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.testkit.AdapterContract;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import java.net.InetSocketAddress;
import java.util.Set;

class UndertowContractTest extends AdapterContract {
    @Override
    public Adapter start(PolicyEngine engine, Upstream upstream) {
        LlmForwardingHandler forwarding = LlmForwardingHandler.to(upstream);
        Undertow server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                // Otherwise Undertow reads 2 MiB of a body in chunks at most.
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
                .setHandler(new PolicyHandler(engine, forwarding))
                .build();
        return started(server, forwarding);
    }

    @Override
    public Adapter start(PolicyEngine engine, Upstream upstream, int bodyLimit) {
        LlmForwardingHandler forwarding = LlmForwardingHandler.to(upstream);
        Undertow server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setHandler(new PolicyHandler(engine, forwarding).withBodyLimit(bodyLimit))
                .build();
        return started(server, forwarding);
    }

    private static Adapter started(Undertow server, LlmForwardingHandler forwarding) {
        server.start();
        return new Adapter() {
            @Override
            public InetSocketAddress address() {
                return (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
            }

            @Override
            public void close() {
                forwarding.close();
                server.stop();
            }
        };
    }

    /** Undertow's own client writes every header that it sends at its finest level. */
    @Override
    public Set<String> serverLoggers() {
        return Set.of("io.undertow.client.request");
    }
}

package io.gatepost.servlet;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.testkit.AdapterContract;
import java.util.Set;

class JettyContractTest extends AdapterContract {
    @Override
    public Adapter start(PolicyEngine engine, Upstream upstream) throws Exception {
        return Containers.jetty(Site.of(new PolicyFilter(engine), LlmForwardingServlet.to(upstream)));
    }

    @Override
    public Adapter start(PolicyEngine engine, Upstream upstream, int bodyLimit) throws Exception {
        return Containers.jetty(
                Site.of(new PolicyFilter(engine).withBodyLimit(bodyLimit), LlmForwardingServlet.to(upstream)));
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

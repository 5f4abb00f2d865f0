package io.gatepost.servlet;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.testkit.AdapterContract;

class UndertowServletContractTest extends AdapterContract {
    @Override
    public Adapter start(PolicyEngine engine, Upstream upstream) throws Exception {
        return Containers.undertow(Site.of(new PolicyFilter(engine), LlmForwardingServlet.to(upstream)));
    }

    @Override
    public boolean forwardsOverJdkClient() {
        return true;
    }

    @Override
    public Adapter start(PolicyEngine engine, Upstream upstream, int bodyLimit) throws Exception {
        return Containers.undertow(
                Site.of(new PolicyFilter(engine).withBodyLimit(bodyLimit), LlmForwardingServlet.to(upstream)));
    }
}

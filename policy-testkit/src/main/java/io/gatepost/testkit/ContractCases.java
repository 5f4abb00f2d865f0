package io.gatepost.testkit;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.policy.forward.UpstreamCredential;
import io.gatepost.policy.forward.UpstreamPath;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.token.TokenIssuer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What all cases of the contract stand on. */
interface ContractCases {
    TokenIssuer ISSUER = TokenIssuer.of("https://issuer.test");
    String TOKEN = ISSUER.token().compact();
    String BEARER = "Authorization: Bearer " + TOKEN;
    String UPSTREAM_KEY = "sk-upstream-7f3a9c";
    String OK = ScriptedUpstream.response("200 OK", "{\"ok\":true}", "Content-Type: application/json");

    /** Lets everybody pass. */
    PolicyEngine OPEN = PolicyEngine.builder().allowingEverything().build();

    /** Demands a token. */
    PolicyEngine STRICT = engine(JwtMode.STRICT, TokenLocation.BEARER);

    AdapterContract.Adapter start(PolicyEngine engine, Upstream upstream) throws Exception;

    AdapterContract.Adapter start(PolicyEngine engine, Upstream upstream, int bodyLimit) throws Exception;

    boolean forwardsOverJdkClient();

    static PolicyEngine engine(JwtMode mode, TokenLocation location, String... allowed) {
        JwtAuthentication authentication =
                new JwtAuthentication(mode, List.of(ISSUER.provider()), location, Origin.CODE);
        Authorization rules = allowed.length == 0 ? null : Authorization.of(AuthorizationAction.ALLOW, allowed);
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("contract", authentication, rules)))
                .expressions(new CelExpressionCompiler())
                .build();
    }

    /** Judges by rules alone. */
    static PolicyEngine rules(String... allowed) {
        return PolicyEngine.builder()
                .policies(
                        List.of(TrafficPolicy.of("rules", null, Authorization.of(AuthorizationAction.ALLOW, allowed))))
                .expressions(new CelExpressionCompiler())
                .build();
    }

    default ContractGateway gateway(PolicyEngine engine) throws Exception {
        return gateway(engine, ScriptedUpstream.always(OK));
    }

    default ContractGateway gateway(PolicyEngine engine, ScriptedUpstream.Script script) throws Exception {
        ScriptedUpstream upstream = ScriptedUpstream.start(script);
        return new ContractGateway(start(engine, Upstream.of(upstream.base())), upstream);
    }

    default ContractGateway gateway(PolicyEngine engine, UpstreamCredential credential) throws Exception {
        ScriptedUpstream upstream = ScriptedUpstream.start(ScriptedUpstream.always(OK));
        Upstream to = new Upstream(upstream.base(), UpstreamPath.UNCHANGED, null, credential, null, null);
        return new ContractGateway(start(engine, to), upstream);
    }

    default ContractGateway gatewayWithModel(PolicyEngine engine, String model) throws Exception {
        ScriptedUpstream upstream = ScriptedUpstream.start(ScriptedUpstream.always(OK));
        Upstream to = new Upstream(upstream.base(), UpstreamPath.UNCHANGED, model, UpstreamCredential.NONE, null, null);
        return new ContractGateway(start(engine, to), upstream);
    }

    /** @param model the upstream's; null for none */
    default ContractGateway gatewayWithLimit(PolicyEngine engine, @Nullable String model, int bodyLimit)
            throws Exception {
        ScriptedUpstream upstream = ScriptedUpstream.start(ScriptedUpstream.always(OK));
        Upstream to = new Upstream(upstream.base(), UpstreamPath.UNCHANGED, model, UpstreamCredential.NONE, null, null);
        try {
            return new ContractGateway(start(engine, to, bodyLimit), upstream);
        } catch (Exception | Error notStarted) {
            upstream.close();
            throw notStarted;
        }
    }
}

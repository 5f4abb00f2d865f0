import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.protobuf.StringValue;
import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.document.PolicyReader;

/** An application that needs the protobuf and the Guava of years ago, and decides by rules in CEL on the same class path. */
public class Beside {
    private static final String POLICY =
            """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: red-team-in-house}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                authorization:
                  action: Require
                  policy:
                    matchExpressions:
                      - request.headers["x-team"].matches("^re+d$")
                      - cidr("10.0.0.0/8").containsIP(source.address)
                      - request.path.split("/").filter(p, p != "").map(p, p.lowerAscii())[0] in ["v1", "v2"]
                      - duration("90s") < duration("2m") && json(request.headers["x-meta"]).tags.exists(t, t == "a")
            """;

    public static void main(String[] args) throws Exception {
        StringValue sent = StringValue.newBuilder().setValue("protobuf 3 and").build();
        StringValue read = StringValue.parseFrom(sent.toByteString());
        System.out.println(Joiner.on(' ').join(ImmutableList.of(read.getValue(), "Guava 20")));

        try (PolicyEngine engine = PolicyEngine.builder()
                .policies(PolicyReader.parse("policy.yaml", POLICY))
                .expressions(new CelExpressionCompiler())
                .build()) {
            System.out.println("red " + decide(engine, "red"));
            System.out.println("blue " + decide(engine, "blue"));
        }
    }

    private static String decide(PolicyEngine engine, String team) {
        Decision decision = engine.decide(PolicyRequest.builder("POST", "/V1/chat/completions")
                .header("X-Team", team)
                .header("X-Meta", "{\"tags\": [\"a\"]}")
                .source("10.1.2.3", 40000)
                .build());
        return decision instanceof Decision.Deny deny ? "denied: " + deny.reason() : "allowed";
    }
}

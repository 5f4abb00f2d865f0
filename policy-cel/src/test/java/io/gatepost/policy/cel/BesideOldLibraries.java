package io.gatepost.policy.cel;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.document.PolicyReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/**
 * An application with libraries older than cel-java's, on one flat class path with the relocated jar: it uses its own,
 * loads a policy and decides, and evaluates each example of {@code docs/authorization.md}. {@link ShadedJarIT} starts
 * it in a JVM of its own.
 */
final class BesideOldLibraries {
    private static final Pattern CONTEXT = Pattern.compile("(?s)```json\\n(.*?)```");
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: red}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: chat}]
              traffic:
                authorization:
                  policy:
                    matchExpressions:
                      - request.headers["x-team"].matches("^re+d$") && ["/v1/", "/v2/"].exists(p, request.path.startsWith(p))
            """;

    private BesideOldLibraries() {}

    public static void main(String[] args) throws Exception {
        useTheOldOnes();
        System.out.println("red: " + decide("red"));
        System.out.println("blue: " + decide("blue"));
        System.out.println("examples: " + examples(Files.readString(Path.of(args[0]))));
    }

    private static void useTheOldOnes() throws InvalidProtocolBufferException {
        StringValue sent = StringValue.newBuilder().setValue("a").build();
        StringValue read = StringValue.parseFrom(sent.toByteString());
        System.out.println("old: " + Joiner.on(' ').join(ImmutableList.of(read.getValue(), "b")));
        System.out.println("new protobuf: " + present("com.google.protobuf.RuntimeVersion"));
        System.out.println("new Guava: "
                + Arrays.stream(ImmutableList.class.getMethods())
                        .anyMatch(method -> method.getName().equals("toImmutableList")));
        System.out.println("another CEL: " + present("dev.cel.runtime.CelRuntime"));
    }

    private static boolean present(String type) {
        try {
            Class.forName(type);
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static String decide(String team) {
        try (PolicyEngine engine = PolicyEngine.builder()
                .policies(PolicyReader.parse("policy.yaml", POLICY))
                .expressions(new CelExpressionCompiler())
                .build()) {
            Decision decision = engine.decide(PolicyRequest.builder("POST", "/v1/chat/completions")
                    .header("X-Team", team)
                    .build());
            return decision instanceof Decision.Deny deny ? "" + deny.reason() : "allowed";
        }
    }

    private static String examples(String page) throws Exception {
        Matcher context = CONTEXT.matcher(page);
        if (!context.find()) {
            return "none";
        }
        Example example = Example.of(context.group(1));
        int right = 0;
        for (Catalogue.Entry entry : Catalogue.entries()) {
            String outcome = example.outcome(entry.example());
            boolean same = entry.value().equals("error")
                    ? outcome.equals("error")
                    : JSON.readTree(outcome).equals(JSON.readTree(entry.value()));
            if (!same) {
                return entry.example() + " is " + outcome;
            }
            right++;
        }
        return right > 100 ? "all right" : "only " + right;
    }
}

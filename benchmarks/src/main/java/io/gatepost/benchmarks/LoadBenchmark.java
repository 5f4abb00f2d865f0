package io.gatepost.benchmarks;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.document.PolicyReader;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Reading documents and building an engine from them: each with a provider and two expressions. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class LoadBenchmark {
    @Param({"1", "1000"})
    public int policies;

    private String text;

    @Setup
    public void write() {
        String jwks = new Tokens("RS256").issuer.jwks();
        text = IntStream.range(0, policies).mapToObj(i -> document(i, jwks)).collect(Collectors.joining("---\n"));
    }

    private static String document(int number, String jwks) {
        return """
                apiVersion: gateway.networking.k8s.io/v1alpha2
                kind: TrafficPolicy
                metadata: {name: p%d}
                spec:
                  targetRefs:
                  - {group: gateway.networking.k8s.io, kind: HTTPRoute, name: r%d}
                  jwtAuthentication:
                    mode: Strict
                    providers:
                    - issuer: https://issuer-%d.test
                      audiences: [llm]
                      jwks:
                        inline: '%s'
                    authorization:
                      action: Allow
                      policy:
                        matchExpressions:
                        - jwt.sub == "alice-%d"
                        - '"admin" in jwt.roles && request.path.startsWith("/v1/")'
                """.formatted(number, number, number, jwks, number);
    }

    @Benchmark
    public PolicyEngine load() {
        return PolicyEngine.builder()
                .policies(PolicyReader.parse("policies.yaml", text))
                .ignoringTargets()
                .expressions(new CelExpressionCompiler())
                .build();
    }
}

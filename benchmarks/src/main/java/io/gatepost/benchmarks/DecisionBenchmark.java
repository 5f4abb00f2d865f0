package io.gatepost.benchmarks;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TrafficPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A whole decision: one provider, one rule; the token comes as fresh octets, as from a connection. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecisionBenchmark {
    /** How many tokens take turns. */
    @Param({"1", "10000"})
    public int tokens;

    /** What must hold. */
    @Param({
        "jwt.sub == 'alice'",
        "'admin' in jwt.roles && request.path.startsWith('/v1/') && request.headers['x-team'] == 'research'"
    })
    public String rule;

    private byte[][] presented;
    private PolicyEngine engine;
    private int next;

    @Setup(Level.Trial)
    public void start() {
        Tokens issued = new Tokens("RS256");
        presented = IntStream.range(0, tokens)
                .mapToObj(i -> ("Bearer " + issued.token(i)).getBytes(StandardCharsets.ISO_8859_1))
                .toArray(byte[][]::new);
        engine = PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of(
                        "p",
                        JwtAuthentication.of(JwtMode.STRICT, issued.issuer.provider(Tokens.AUDIENCE)),
                        Authorization.of(AuthorizationAction.ALLOW, rule))))
                .expressions(new CelExpressionCompiler())
                .build();
        for (int i = 0; i < tokens; i++) {
            if (!(hot() instanceof Decision.Allow)) {
                throw new IllegalStateException("expected to be allowed");
            }
        }
    }

    @TearDown(Level.Trial)
    public void end() {
        engine.close();
    }

    @Benchmark
    public Decision hot() {
        return engine.decide(request());
    }

    /** What making the request alone takes. */
    @Benchmark
    public PolicyRequest requestAlone() {
        return request();
    }

    private PolicyRequest request() {
        next = next + 1 == tokens ? 0 : next + 1;
        return new WireRequest(new String(presented[next], StandardCharsets.ISO_8859_1));
    }
}

package io.gatepost.benchmarks;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.ExpressionCompiler.ResultType;
import io.gatepost.policy.request.RequestBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One expression, evaluated once, over few and many claims and headers. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ExpressionBenchmark {
    private static final Map<String, String> TEXTS = Map.of(
            "eq", "jwt.sub == 'alice'",
            "in", "'admin' in jwt.roles",
            "ends", "jwt.email.endsWith('@example.com')",
            "hdr", "request.headers['x-team'] == 'a' && request.path.startsWith('/v1/')",
            "exists", "jwt.groups.exists(g, g.startsWith('group-19') && g.endsWith('9'))",
            "regex", "request.path.matches('^/v1/[a-z/]+$')",
            "list", "jwt.sub in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'alice']");

    @Param({"eq", "in", "ends", "hdr", "exists", "regex", "list"})
    public String expression;

    /** How many groups, and how many headers. */
    @Param({"20", "1000"})
    public int size;

    private CompiledExpression compiled;
    private PolicyRequest request;
    private VerifiedToken token;

    @Setup
    public void compile() throws Exception {
        compiled = new CelExpressionCompiler().compile(TEXTS.get(expression), ResultType.BOOLEAN);
        Map<String, Object> claims = new HashMap<>();
        claims.put("sub", "alice");
        claims.put("email", "alice@example.com");
        claims.put("roles", List.of("a", "b", "c", "d", "admin"));
        claims.put(
                "groups", IntStream.range(0, size).mapToObj(i -> "group-" + i).toList());
        token = new VerifiedToken("https://issuer.test", "k1", claims);
        RequestBuilder headers = PolicyRequest.builder("POST", "/v1/chat/completions");
        for (int i = 0; i < size / 2; i++) {
            headers.header("x-" + i, "v");
        }
        request = headers.header("x-team", "a").build();
        if (!Boolean.TRUE.equals(evaluate())) {
            throw new IllegalStateException("expected to hold");
        }
    }

    @Benchmark
    public Object evaluate() throws Exception {
        return compiled.evaluate(request, token);
    }
}

package io.gatepost.benchmarks;

import java.util.concurrent.TimeUnit;
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

/** A token that was never seen before: its signature and the claims {@code iss}, {@code aud} and {@code exp}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VerificationBenchmark {
    private static final int TOKENS = 200;

    @Param({"RS256", "ES256", "EdDSA"})
    public String algorithm;

    @Param
    public Verifier verifier;

    private final String[] tokens = new String[TOKENS];
    private Verifier.Verification verification;
    private int next;

    @Setup(Level.Trial)
    public void start() throws Exception {
        Tokens issued = new Tokens(algorithm);
        for (int i = 0; i < TOKENS; i++) {
            tokens[i] = issued.token(i);
        }
        verification = verifier.of(issued);
        cold();
    }

    @TearDown(Level.Trial)
    public void end() throws Exception {
        verification.close();
    }

    @Benchmark
    public Object cold() throws Exception {
        next = (next + 1) % TOKENS;
        return verification.verify(tokens[next]);
    }
}

package io.gatepost.testkit.suite;

import io.gatepost.policy.model.InvalidPolicyException;
import io.gatepost.policy.model.TrafficPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * The tests of one file and the policies that they are about, all of which apply to each request. Tokens are signed by
 * a test issuer in the place of each provider, whose own keys are neither needed nor fetched. Thread-safe.
 */
public final class PolicySuite {
    private final Path file;
    private final List<TrafficPolicy> policies;
    private final List<PolicyCase> cases;
    private final ObservedCompiler compiler = new ObservedCompiler();
    private final Engines engines;

    PolicySuite(Path file, List<TrafficPolicy> policies, List<PolicyCase> cases) {
        this.file = file;
        this.policies = List.copyOf(policies);
        this.cases = List.copyOf(cases);
        // What a test shows is the test's own.
        engines = new Engines(builder -> builder.expressions(compiler).redact(List.of()));
    }

    /**
     * Reads tests.
     *
     * @param paths files {@code *.test.yaml}; policies, for the tests beside them; folders, for all tests in them and
     *     below
     * @return a suite for each document of each file
     * @throws InvalidPolicyException with everything that is wrong in the tests or in the policies
     */
    public static List<PolicySuite> read(Collection<Path> paths) {
        return new SuiteReader().read(paths);
    }

    /**
     * The file of the tests.
     *
     * @return the file, as it was named when it was read
     */
    public Path file() {
        return file;
    }

    /**
     * The policies, their keys replaced by those of test issuers.
     *
     * @return the policies, in the order in which they were read
     */
    public List<TrafficPolicy> policies() {
        return policies;
    }

    /**
     * The cases.
     *
     * @return the cases, in the order of the file
     */
    public List<PolicyCase> cases() {
        return cases;
    }

    /** @throws InvalidPolicyException where the policies can't be used */
    void check() {
        engines.of(policies, Set.of());
    }

    /**
     * Runs a case.
     *
     * @param test one of the {@link #cases}
     * @return what came of it
     */
    public CaseResult run(PolicyCase test) {
        return observe(test).result();
    }

    /** What came of a case, and what was evaluated for it. */
    record Observed(CaseResult result, List<ObservedCompiler.Evaluated> evaluated) {}

    synchronized Observed observe(PolicyCase test) {
        compiler.start();
        long start = System.nanoTime();
        Answer answer = test.request().ask(policies, engines);
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        List<ObservedCompiler.Evaluated> evaluated = compiler.evaluated();
        List<String> mismatches = test.expectation().mismatches(answer);
        return new Observed(new CaseResult(test, answer, mismatches, elapsed), evaluated);
    }

    /** What compiles the expressions of these policies, each text once. */
    ObservedCompiler compiler() {
        return compiler;
    }

    @Override
    public String toString() {
        return file.toString();
    }
}

package io.gatepost.tools.suite;

import io.gatepost.policy.Explanation;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.forward.Entry;
import io.gatepost.policy.model.TrafficPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The tests of one file and the policies that they are about. Which of these apply to a request, the routes beside them
 * say; without routes all do. Tokens are signed by a test issuer in the place of each provider, whose own keys are
 * neither needed nor fetched. Thread-safe.
 */
public final class PolicySuite {
    private final Path file;
    private final Tested tested;
    private final List<PolicyCase> cases;
    private final Entry entry;
    private final Routing routing;
    private final ObservedCompiler compiler = new ObservedCompiler();
    private final Engines engines;

    /**
     * What is tested.
     *
     * @param policies all policies that count
     * @param ofTests those that the tests are about, which are covered and mutated
     * @param routings what the policies, or others in their place, come to for each request
     */
    record Tested(
            List<TrafficPolicy> policies,
            Predicate<TrafficPolicy> ofTests,
            Function<List<TrafficPolicy>, Routing> routings) {}

    PolicySuite(Path file, Tested tested, List<PolicyCase> cases, Entry entry) {
        this.file = file;
        this.tested = tested;
        this.cases = List.copyOf(cases);
        this.entry = entry;
        routing = tested.routings().apply(tested.policies());
        // What a test shows is the test's own.
        engines = new Engines(builder -> builder.expressions(compiler).redact(List.of()));
    }

    /**
     * Reads tests.
     *
     * @param paths files {@code *.test.yaml}; policies, for the tests beside them; folders, for all tests in them and
     *     below
     * @return a suite for each document of each file
     * @throws InvalidPolicyException with everything that is wrong in the tests or in the policies, also where these
     *     have different targets and the tests do not say which one is meant
     */
    public static List<PolicySuite> read(Collection<Path> paths) {
        return read(paths, Entry.DEFAULT, folder -> null);
    }

    /**
     * Reads tests that go by the routes of a gateway.
     *
     * @param paths as in {@link #read(Collection)}
     * @param entry where requests come in
     * @param folders what routes requests to the policies of a folder; null where there is no gateway in it
     * @return a suite for each document of each file
     * @throws InvalidPolicyException as in {@link #read(Collection)}
     */
    public static List<PolicySuite> read(
            Collection<Path> paths, Entry entry, Function<Path, @Nullable RoutedFolder> folders) {
        return new SuiteReader(entry, folders).read(paths);
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
        return tested.policies();
    }

    /** Those of the policies that the tests are about: the others are theirs to bear. */
    boolean isAbout(TrafficPolicy policy) {
        return tested.ofTests().test(policy);
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
        engines.of(policies(), Set.of());
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
        Asked asked = ask(test, routing, engines);
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        List<ObservedCompiler.Evaluated> evaluated = compiler.evaluated();
        return new Observed(new CaseResult(test, asked.answer(), asked.mismatches(), elapsed), evaluated);
    }

    /** What came of a case, and what did not come as expected. */
    private record Asked(Answer answer, List<String> mismatches) {}

    private Asked ask(PolicyCase test, Routing by, Engines engines) {
        try {
            Answer answer = test.request().ask(entry, by, test.route(), engines);
            return new Asked(answer, test.expectation().mismatches(answer));
        } catch (UnroutedRequestException e) {
            String problem = String.valueOf(e.getMessage());
            return new Asked(new Answer(0, "unrouted", null, new Explanation(problem, List.of())), List.of(problem));
        }
    }

    /** What changed policies come to. */
    Routing routing(List<TrafficPolicy> changed) {
        return tested.routings().apply(changed);
    }

    /** Whether a case notices that it is judged otherwise. */
    boolean notices(PolicyCase test, Routing changed, Engines engines) {
        return !ask(test, changed, engines).mismatches().isEmpty();
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

package io.gatepost.testkit;

import io.gatepost.tools.suite.CaseResult;
import io.gatepost.tools.suite.PolicySuite;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/** The YAML tests of policies as dynamic tests of JUnit, each of which leads an IDE to its line. */
public final class PolicyTests {
    private PolicyTests() {}

    /**
     * A container for each file, with a test for each case. To be returned by a method with
     * {@link org.junit.jupiter.api.TestFactory}.
     *
     * @param paths files {@code *.test.yaml}, policies with tests beside them, and folders, from the working folder or
     *     the root of the class path
     * @return the containers
     * @throws io.gatepost.policy.diagnostic.InvalidPolicyException with everything that is wrong in the tests or in the
     *     policies
     */
    public static Stream<DynamicNode> in(String... paths) {
        return read(paths).stream().map(PolicyTests::container);
    }

    private static DynamicNode container(PolicySuite suite) {
        return DynamicContainer.dynamicContainer(
                suite.file().toString(),
                suite.file().toUri(),
                suite.cases().stream()
                        .map(test -> DynamicTest.dynamicTest(
                                test.name(), line(suite.file(), test.origin().line()), () -> check(suite.run(test)))));
    }

    private static URI line(Path file, int line) {
        return URI.create(file.toUri() + "?line=" + line);
    }

    static List<PolicySuite> read(String... paths) {
        return PolicySuite.read(Arrays.stream(paths).map(PolicyTests::path).toList());
    }

    /** What is neither is told as a file that can't be read. */
    private static Path path(String name) {
        Path path = Path.of(name);
        URL resource = Files.exists(path)
                ? null
                : Thread.currentThread().getContextClassLoader().getResource(name);
        try {
            return resource != null && resource.getProtocol().equals("file") ? Path.of(resource.toURI()) : path;
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a resource of the class path has no path", e);
        }
    }

    static void check(CaseResult result) {
        if (!result.passed()) {
            throw new AssertionError(result.test() + "\n" + result.details());
        }
    }
}

package io.gatepost.tools.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Coverage and mutation of the example in {@code samples/policy-tests}, as it is and weakened. */
class WeakTestsTest {
    private static final Path EXAMPLE = Path.of("../samples/policy-tests/policies");

    @TempDir
    private Path folder;

    @Test
    void findsNothingAmissInTheExample() {
        TestRun run = TestRun.of(PolicySuite.read(List.of(EXAMPLE)));

        assertThat(run.results()).hasSize(40).allMatch(CaseResult::passed);
        assertThat(run.coverage().rules()).isEqualTo(12);
        assertThat(run.coverage().gaps()).isEmpty();
        assertThat(MutationRun.of(run.suites()).survivors()).isEmpty();
    }

    /** Each is a test that asks less than it should, and what gives it away. */
    private static Stream<Arguments> weaknesses() {
        return Stream.of(
                Arguments.of(
                        "max_tokens: 4000",
                        "max_tokens: 100",
                        "nothing would notice if `>` were `>=` in `llm.params.max_tokens > 4000`"),
                Arguments.of(
                        "{model: gpt-4.1-nano, stream: true}",
                        "{model: gpt-4.1, stream: true}",
                        "`!llm.streaming` was never what made `&&` false"),
                Arguments.of(
                        "fault: WrongAudience}\n    expect: audience_mismatch",
                        "fault: Expired}\n    expect: token_expired",
                        "nothing would notice if `audiences` of `https://id.example.com` were not checked"));
    }

    @ParameterizedTest
    @MethodSource("weaknesses")
    void findsAWeakTest(String strong, String weak, String told) throws IOException {
        String tests = Files.readString(EXAMPLE.resolve("gateway.test.yaml"));
        assertThat(tests).contains(strong);
        Files.copy(EXAMPLE.resolve("gateway.yaml"), folder.resolve("gateway.yaml"));
        Files.writeString(folder.resolve("gateway.test.yaml"), tests.replace(strong, weak));

        TestRun run = TestRun.of(PolicySuite.read(List.of(folder)));

        assertThat(run.failures()).isEmpty();
        assertThat(MutationRun.of(run.suites()) + "\n" + run.coverage()).contains(told);
    }
}

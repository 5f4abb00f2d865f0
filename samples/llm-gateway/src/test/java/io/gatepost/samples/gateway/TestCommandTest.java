package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

class TestCommandTest {
    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: p}
            spec:
              targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: g}]
              traffic:
                authorization:
                  policy:
                    matchExpressions: ['jwt.team == "blue" || jwt.level > 2']
            """;
    private static final String WEAK = """
            tests:
              - {name: blue comes in, request: GET /, claims: {team: blue}, expect: allow}
              - {name: others don't, request: GET /, claims: {team: red, level: 1}, expect: deny}
            """;

    @TempDir
    private Path folder;

    private Path policy() throws IOException {
        return Files.writeString(folder.resolve("p.yaml"), POLICY);
    }

    private Cli test(String tests, String... options) throws IOException {
        policy();
        Path file = Files.writeString(folder.resolve("p.test.yaml"), tests);
        String[] args = new String[options.length + 3];
        System.arraycopy(options, 0, args, 3, options.length);
        args[0] = "test";
        args[1] = "--file";
        args[2] = file.toString();
        Cli run = Cli.run(args);
        return new Cli(
                run.exit(), run.out().replace(folder + "/", ""), run.err().replace(folder + "/", ""));
    }

    @Test
    void endsWithZeroWhereAllPass() throws IOException {
        Cli run = test(WEAK);

        assertThat(run.exit()).isZero();
        assertThat(run.out()).isEqualTo("2 tests, all passed\n");
    }

    @Test
    void endsWithOneWhereATestFails() throws IOException {
        Cli run = test(WEAK.replace("expect: deny", "expect: allow"));

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out())
                .startsWith("FAIL p.test.yaml:3:5: others don't\n     expected allow, got 403 rule_not_matched\n")
                .endsWith("2 tests, 1 failed\n");
    }

    @Test
    void endsWithOneWhereATestCantBeRead() throws IOException {
        Cli run = test(WEAK.replace("claims", "clams"));

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("""
                        p.test.yaml:2:43: tests[0].clams: unknown field `clams`; did you mean `claims`?
                        p.test.yaml:3:42: tests[1].clams: unknown field `clams`; did you mean `claims`?
                        """);
    }

    @Test
    void tellsWhatNoTestDecidedBy() throws IOException {
        assertThat(test(WEAK, "--coverage").out()).isEqualTo("""
                2 tests, all passed
                p.yaml:9:51: `jwt.level > 2` was never what made `||` true
                coverage: 1 of 1 rules and 1 of 2 sides of `&&`, `||` and `?:` decided in some test
                """);
    }

    @Test
    void tellsWhichChangesNoTestNotices() throws IOException {
        Cli run = test(WEAK, "--mutate");

        assertThat(run.exit()).isZero();
        assertThat(run.out()).isEqualTo("""
                2 tests, all passed
                p.yaml:9:61: nothing would notice if `>` were `>=` in `jwt.level > 2`
                p.yaml:9:63: nothing would notice if `2` were `3`
                mutation score: 81 %, 9 of 11 changes noticed
                """);
    }

    @Test
    void endsWithOneWhereTooFewChangesAreNoticed() throws IOException {
        assertThat(test(WEAK, "--mutate", "--min-score", "81").exit()).isZero();
        Cli run = test(WEAK, "--mutate", "--min-score", "82");

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).endsWith("mutation score: below 82 %\n");
    }

    @Test
    void changesNothingWhereTestsFailAsItIs() throws IOException {
        Cli run = test(WEAK.replace("expect: deny", "expect: allow"), "--mutate");

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).endsWith("mutation: not tried, since tests fail as it is\n");
    }

    @Test
    void writesWhatCiReads() throws Exception {
        Path report = folder.resolve("junit.xml");
        test(WEAK.replace("expect: deny", "expect: allow"), "--report", report.toString());

        Element all = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(report.toFile())
                .getDocumentElement();
        Element failed = (Element) all.getElementsByTagName("testcase").item(1);
        assertThat(all.getAttribute("tests") + " " + all.getAttribute("failures"))
                .isEqualTo("2 1");
        assertThat(failed.getAttribute("name")).isEqualTo("others don't");
        assertThat(failed.getAttribute("line")).isEqualTo("3");
        Element failure = (Element) failed.getElementsByTagName("failure").item(0);
        assertThat(failure.getAttribute("message")).isEqualTo("expected allow, got 403 rule_not_matched");
        assertThat(failure.getTextContent()).contains("`jwt.level` was 1");
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES)
    void waitsForAChangeOfTheFiles() throws Exception {
        Path file = policy();
        WatchedFiles watched = new WatchedFiles(java.util.List.of(file));
        Thread waiting = new Thread(() -> {
            try {
                watched.awaitChange();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        waiting.start();

        Files.writeString(folder.resolve("p.test.yaml"), WEAK);

        waiting.join();
        assertThat(waiting.isAlive()).isFalse();
    }
}

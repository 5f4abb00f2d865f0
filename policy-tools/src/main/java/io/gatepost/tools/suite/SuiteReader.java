package io.gatepost.tools.suite;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.Documents;
import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.document.PolicyReader.AcceptedPolicy;
import io.gatepost.policy.forward.Entry;
import io.gatepost.policy.model.TrafficPolicy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Reads files of tests, each with the policies that it is about. */
final class SuiteReader {
    private static final int MAX_TESTS = 10_000;
    private static final int MAX_NAME = 200;

    private final Findings findings = new Findings(Severity.ERROR);
    private final List<Diagnostic> unusable = new ArrayList<>();
    private final List<PolicySuite> suites = new ArrayList<>();
    private final Entry entry;
    private final Function<Path, @Nullable RoutedFolder> folders;

    SuiteReader(Entry entry, Function<Path, @Nullable RoutedFolder> folders) {
        this.entry = entry;
        this.folders = folders;
    }

    List<PolicySuite> read(Collection<Path> paths) {
        SuiteFiles files = new SuiteFiles(findings);
        paths.stream().flatMap(path -> files.tests(path).stream()).distinct().forEach(file -> read(file, files));
        List<Diagnostic> found = new ArrayList<>(findings.diagnostics());
        found.addAll(unusable);
        if (found.stream().anyMatch(Diagnostic::isError)) {
            throw new InvalidPolicyException(found.stream()
                    .distinct()
                    .filter(Diagnostic::isError)
                    .sorted(Findings.BY_POSITION)
                    .toList());
        }
        return suites;
    }

    private void read(Path file, SuiteFiles files) {
        for (Fields top : new Documents(findings).readMaps(file)) {
            List<Path> about = files.policies(file, top);
            top.require("tests");
            try {
                read(file, top, tested(about, top));
            } catch (InvalidPolicyException problem) {
                unusable.addAll(problem.diagnostics());
            }
        }
    }

    private void read(Path file, Fields top, PolicySuite.Tested tested) {
        TestIssuers issuers = new TestIssuers(tested.policies());
        List<PolicyCase> cases = cases(top, tested.policies(), issuers);
        top.done();
        List<TrafficPolicy> trusting =
                tested.policies().stream().map(issuers::trusting).toList();
        PolicySuite suite = new PolicySuite(
                file, new PolicySuite.Tested(trusting, tested.ofTests(), tested.routings()), cases, entry);
        suite.check();
        suites.add(suite);
    }

    /** Beside a gateway its routes say which policies apply, and all policies of the folder count. */
    private PolicySuite.Tested tested(List<Path> about, Fields top) {
        RoutedFolder routed = about.isEmpty() ? null : folders.apply(folder(about.get(0)));
        if (routed == null) {
            return new PolicySuite.Tested(policies(about), policy -> true, new TargetField(findings).read(top));
        }
        if (top.has("target")) {
            findings.error(
                    top.keyOrigin("target"),
                    "the routes of this folder say which policies apply; name a `route` instead");
        }
        Set<Path> files = about.stream().map(SuiteReader::normal).collect(Collectors.toSet());
        Predicate<TrafficPolicy> isAbout =
                policy -> files.contains(normal(Path.of(policy.origin().source())));
        List<TrafficPolicy> counting =
                top.has("policies") ? routed.policies().stream().filter(isAbout).toList() : routed.policies();
        return new PolicySuite.Tested(counting, isAbout, routed::routing);
    }

    private static Path folder(Path file) {
        return Objects.requireNonNullElse(file.getParent(), Path.of("."));
    }

    private static Path normal(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private List<TrafficPolicy> policies(List<Path> files) {
        Documents documents = new Documents(findings);
        List<TrafficPolicy> policies = new ArrayList<>();
        for (Path file : files) {
            documents.read(file).stream().filter(PolicyReader::isPolicy).forEach(document -> {
                // A gateway may enforce CORS; it decides nothing.
                if (PolicyReader.read(document, findings, Set.of("cors")) instanceof AcceptedPolicy accepted) {
                    policies.add(accepted.policy());
                }
            });
        }
        return policies;
    }

    private List<PolicyCase> cases(Fields top, List<TrafficPolicy> policies, TestIssuers issuers) {
        CaseFields reader = new CaseFields(policies, issuers, Moment.of(top, findings), top.text("route", 1, MAX_NAME));
        Map<String, Origin> names = new HashMap<>();
        List<PolicyCase> cases = new ArrayList<>();
        for (Fields test : top.list("tests", 1, MAX_TESTS)) {
            PolicyCase read = reader.read(test);
            if (read != null) {
                Origin first = names.putIfAbsent(read.name(), test.origin());
                if (first != null) {
                    findings.error(
                            test.origin("name"), "a test of this name stands in line " + first.line() + " already");
                }
                cases.add(read);
            }
        }
        return cases;
    }

    /** Reads the tests of one file. */
    private final class CaseFields {
        private final RequestFields requests = new RequestFields(findings);
        private final TokenFields tokens;
        private final ExpectFields expectations;
        private final TokenPlace place;
        private final TestIssuers issuers;
        private final @Nullable Instant usualTime;
        private final @Nullable String usualRoute;

        CaseFields(
                List<TrafficPolicy> policies,
                TestIssuers issuers,
                @Nullable Instant usualTime,
                @Nullable String usualRoute) {
            this.issuers = issuers;
            this.usualTime = usualTime;
            this.usualRoute = usualRoute;
            tokens = new TokenFields(findings, issuers);
            expectations = new ExpectFields(findings, policies);
            place = TokenPlace.of(policies);
        }

        @Nullable
        PolicyCase read(Fields test) {
            int errors = findings.errors();
            test.require("name", "request", "expect");
            String name = test.text("name", 1, MAX_NAME);
            ObjectNode asked = AskedRequest.JSON.createObjectNode();
            ObjectNode request = requests.read(test);
            asked.set("request", request);
            test.atMostOneOf("claims", "token");
            if (test.has("claims")) {
                asked.set("claims", AskedRequest.JSON.valueToTree(RequestFields.map(test, "claims")));
            }
            Instant own = Moment.of(test, findings);
            Instant at = own == null ? usualTime : own;
            issuers.at(at);
            String token = tokens.read(test);
            if (token != null) {
                place.put(token, request, test.origin("token"), findings);
            }
            String route = test.has("route") ? test.text("route", 1, MAX_NAME) : usualRoute;
            Expectation expectation = expectations.read(test);
            test.done();
            return name == null || findings.errors() > errors
                    ? null
                    : new PolicyCase(name, test.origin(), request(asked, at), route, expectation);
        }

        private static AskedRequest request(ObjectNode asked, @Nullable Instant at) {
            try {
                AskedRequest request = AskedRequest.of(asked);
                return at == null ? request : request.at(at);
            } catch (UnreadableRequestException e) {
                throw new IllegalStateException("a request was read and can't be asked", e);
            }
        }
    }
}

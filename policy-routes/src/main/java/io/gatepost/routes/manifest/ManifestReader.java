package io.gatepost.routes.manifest;

import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.Document;
import io.gatepost.policy.document.Documents;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.document.PolicyReader.AcceptedPolicy;
import io.gatepost.policy.document.PolicyReader.Outcome;
import io.gatepost.policy.document.PolicyReader.RejectedPolicy;
import io.gatepost.policy.document.Shape;
import io.gatepost.policy.expression.PatternCompiler;
import io.gatepost.policy.model.Enforcement;
import io.gatepost.policy.model.TrafficPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads files, each document by its kind. */
final class ManifestReader {
    private final Environment environment;
    private final PatternCompiler patterns;
    private final Findings findings;
    private final Documents documents;
    private final Set<String> otherKinds = new HashSet<>();
    private final List<Gateway> gateways = new ArrayList<>();
    private final List<HttpRoute> routes = new ArrayList<>();
    private final List<Backend> backends = new ArrayList<>();
    private final List<BackendTlsPolicy> backendTls = new ArrayList<>();
    private final List<Secret> secrets = new ArrayList<>();
    private final List<Service> services = new ArrayList<>();
    private final List<ConfigMap> configMaps = new ArrayList<>();
    private final List<TrafficPolicy> policies = new ArrayList<>();
    private final List<CorsPolicy> corsPolicies = new ArrayList<>();
    private final List<RejectedPolicy> rejectedPolicies = new ArrayList<>();
    private final List<Manifests.ReadDocument> read = new ArrayList<>();
    private int errorsInPolicies;

    ManifestReader(Severity unsupported, Environment environment, PatternCompiler patterns) {
        this(unsupported, environment, patterns, null);
    }

    private ManifestReader(
            Severity unsupported, Environment environment, PatternCompiler patterns, @Nullable Shape shape) {
        this.environment = environment;
        this.patterns = patterns;
        findings = new Findings(unsupported);
        documents = new Documents(findings, shape);
    }

    /** What is asked of a document, written as JSON, while it is read. */
    static Shape shapeOf(String document) {
        Shape shape = new Shape();
        ManifestReader reader = new ManifestReader(Severity.ERROR, name -> null, NoPattern::new, shape);
        reader.documents.parse("document", document).forEach(reader::add);
        return shape;
    }

    Manifests read(List<Path> paths) {
        paths.stream()
                .flatMap(this::files)
                .distinct()
                .forEach(file -> documents.read(file).forEach(this::add));
        checkThatPoliciesAreNotMissing();
        return manifests();
    }

    Manifests parse(String name, String text) {
        documents.parse(name, text).forEach(this::add);
        return manifests();
    }

    private Manifests manifests() {
        return new Manifests(
                gateways,
                routes,
                backends,
                backendTls,
                secrets,
                services,
                configMaps,
                policies,
                corsPolicies,
                rejectedPolicies,
                read,
                findings.notEnforced(),
                findings.doubts(),
                findings.errors() == errorsInPolicies,
                findings.diagnostics());
    }

    /** Routes, no policy at all, and a file that holds nothing: the policies were meant to be there. */
    private void checkThatPoliciesAreNotMissing() {
        if (!routes.isEmpty() && policies.isEmpty() && rejectedPolicies.isEmpty()) {
            findings.doubts()
                    .forEach(doubt -> findings.error(
                            doubt.origin(),
                            "no policy is in these files, and nothing is here: add the policies that guard the routes,"
                                    + " or leave this out"));
        }
    }

    /** The files of a folder in the order of their names. */
    private Stream<Path> files(Path path) {
        if (!Files.isDirectory(path)) {
            return Stream.of(path);
        }
        List<Path> files = new ArrayList<>();
        try (Stream<Path> entries = Files.list(path)) {
            entries.sorted().forEach(entry -> {
                if (ManifestFolder.isRead(entry)) {
                    files.add(entry);
                } else if (ManifestFolder.isMisnamed(entry)) {
                    findings.error(
                            start(entry),
                            "this looks like a manifest and is not read under this name: let it end in `.yaml`, `.yml`"
                                    + " or `.json`, move it out of this folder, or hide it by a `.` in front");
                }
            });
        } catch (IOException | UncheckedIOException problem) {
            findings.error(start(path), "the folder can't be read");
            return Stream.of();
        }
        if (files.isEmpty()) {
            findings.doubt(start(path), "there is no `.yaml`, `.yml` or `.json` file in this folder");
        }
        return files.stream();
    }

    private static Origin start(Path path) {
        return new Origin(path.toString(), 1, 1, "");
    }

    private void add(Document document) {
        read.add(new Manifests.ReadDocument(
                document.kind(), document.name(), document.fields().origin()));
        if (TlsFields.isBackendPolicy(document)) {
            keep(new TlsFields(document, findings).policy(), backendTls);
        } else if (PolicyReader.isPolicy(document)) {
            policy(document);
        } else {
            manifest(document);
        }
    }

    private void policy(Document document) {
        int before = findings.errors();
        Cors cors = CorsFields.read(document, findings);
        Outcome outcome = PolicyReader.read(document, findings, Set.of("cors"));
        errorsInPolicies += findings.errors() - before;
        if (outcome instanceof AcceptedPolicy accepted) {
            policies.add(accepted.policy());
            if (cors != null) {
                corsPolicies.add(new CorsPolicy(accepted.policy(), cors));
            }
        } else if (outcome instanceof RejectedPolicy rejected && rejected.enforcement() == Enforcement.ENFORCED) {
            rejectedPolicies.add(rejected);
        }
    }

    private void manifest(Document document) {
        Kind kind = Kind.of(document);
        if (kind == null) {
            other(document);
        } else if (isVersion(document, kind)) {
            manifest(document, kind);
        }
    }

    private void manifest(Document document, Kind kind) {
        switch (kind) {
            case GATEWAY -> keep(new GatewayFields(findings).read(document), gateways);
            case HTTP_ROUTE -> keep(new RouteFields(document, patterns, findings).read(), routes);
            case BACKEND -> keep(new BackendFields(document, findings).read(), backends);
            case SECRET -> secrets.add(new ValueFields(document, findings).secret(environment));
            case CONFIG_MAP -> configMaps.add(new ValueFields(document, findings).configMap());
            case SERVICE -> services.add(new ValueFields(document, findings).service());
        }
    }

    private boolean isVersion(Document document, Kind kind) {
        boolean known = kind.versions().contains(document.apiVersion());
        if (!known) {
            findings.error(
                    document.fields().origin("apiVersion"),
                    "expected `" + String.join("` or `", kind.versions()) + "`, found `" + document.apiVersion() + "`");
        }
        return known;
    }

    private void other(Document document) {
        if (otherKinds.add(document.apiVersion() + "/" + document.kind())) {
            findings.warning(
                    document.fields().origin("kind"),
                    "`" + document.kind() + "` of `" + document.apiVersion() + "` is passed over");
        }
    }

    private static <T> void keep(@Nullable T read, List<T> all) {
        if (read != null) {
            all.add(read);
        }
    }
}

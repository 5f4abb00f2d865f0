package io.gatepost.routes.manifest;

import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.PolicyReader.RejectedPolicy;
import io.gatepost.policy.expression.PatternCompiler;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.TrafficPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * All that some files and folders hold, in the order of the files. Reading never throws for what a file holds: what
 * can't be used is left out and told.
 *
 * @param gateways the gateways
 * @param routes the routes
 * @param backends the backends
 * @param backendTls the policies that say how to speak TLS to backends
 * @param secrets the secrets
 * @param services the services
 * @param configMaps the config maps
 * @param policies the policies that can be read whole; their keys and expressions are not looked at
 * @param corsPolicies those of them that say which pages of other origins may call
 * @param rejectedPolicies the policies that can't, as far as they can be read
 * @param documents every document that was read, of whatever kind
 * @param notEnforced those of the diagnostics that say that something is known and not enforced
 * @param doubts those of the diagnostics that leave it open whether documents are missing: files and folders without
 *     any
 * @param soundBesidePolicies whether there is no error but in {@code rejectedPolicies}: an error elsewhere may hide one
 * @param diagnostics what the files say wrongly or doubtfully, in order
 */
public record Manifests(
        List<Gateway> gateways,
        List<HttpRoute> routes,
        List<Backend> backends,
        List<BackendTlsPolicy> backendTls,
        List<Secret> secrets,
        List<Service> services,
        List<ConfigMap> configMaps,
        List<TrafficPolicy> policies,
        List<CorsPolicy> corsPolicies,
        List<RejectedPolicy> rejectedPolicies,
        List<ReadDocument> documents,
        List<Diagnostic> notEnforced,
        List<Diagnostic> doubts,
        boolean soundBesidePolicies,
        List<Diagnostic> diagnostics) {
    public Manifests {
        gateways = List.copyOf(gateways);
        routes = List.copyOf(routes);
        backends = List.copyOf(backends);
        backendTls = List.copyOf(backendTls);
        secrets = List.copyOf(secrets);
        services = List.copyOf(services);
        configMaps = List.copyOf(configMaps);
        policies = List.copyOf(policies);
        corsPolicies = List.copyOf(corsPolicies);
        rejectedPolicies = List.copyOf(rejectedPolicies);
        documents = List.copyOf(documents);
        notEnforced = List.copyOf(notEnforced);
        doubts = List.copyOf(doubts);
        diagnostics = List.copyOf(diagnostics);
    }

    /**
     * These, where nothing is wrong with them.
     *
     * @return this
     * @throws InvalidPolicyException with all diagnostics, where one is an error
     */
    public Manifests orInvalid() {
        if (diagnostics.stream().anyMatch(Diagnostic::isError)) {
            throw new InvalidPolicyException(diagnostics);
        }
        return this;
    }

    /**
     * A document of a file.
     *
     * @param kind its kind
     * @param name its name
     * @param origin where it starts
     */
    public record ReadDocument(String kind, ObjectName name, Origin origin) {}

    /**
     * What guards requests at one point of their way.
     *
     * @param place the listener before routing, or the rule of a route after it
     * @param policy what applies there
     */
    public record Guarded(String place, EffectivePolicy policy) {}

    /**
     * What guards what: each listener, and behind it each rule of its routes.
     *
     * @param inForce the policies that count
     * @return the places in the order of the files
     */
    public List<Guarded> guarded(List<TrafficPolicy> inForce) {
        List<Guarded> guarded = new ArrayList<>();
        for (Gateway gateway : gateways) {
            for (Gateway.Listener listener : gateway.listeners()) {
                String place = "Gateway " + gateway.name() + ", listener " + listener.name();
                guarded.add(new Guarded(place + ", before routing", Attachment.preRouting(gateway, listener, inForce)));
                attachments(gateway, listener)
                        .forEach(at -> guarded.add(new Guarded(at.place() + ", on " + place, at.postRouting(inForce))));
            }
        }
        return guarded;
    }

    /**
     * Reads files of YAML and JSON.
     *
     * @param paths files, and folders whose {@code .yaml}, {@code .yml} and {@code .json} files are read
     * @param unsupported how grave a field is that agentgateway knows and Gatepost does not enforce
     * @param environment gives the value of {@code ${VAR}} in a Secret's {@code stringData}
     * @param patterns compiles the regular expressions of routes
     * @return what they hold
     */
    public static Manifests read(
            List<Path> paths, Severity unsupported, Environment environment, PatternCompiler patterns) {
        return new ManifestReader(unsupported, environment, patterns).read(paths);
    }

    /**
     * Reads a text that stands in no file.
     *
     * @param name how messages name it
     * @param text documents of YAML and JSON
     * @param patterns compiles the regular expressions of routes
     * @return what it holds; a {@code ${VAR}} in it is never filled in
     */
    public static Manifests parse(String name, String text, PatternCompiler patterns) {
        return new ManifestReader(Severity.ERROR, variable -> null, patterns).parse(name, text);
    }

    /**
     * The routes that a listener takes, rule by rule.
     *
     * @param gateway one of the gateways
     * @param listener one of its listeners
     * @return the rules, in the order of the files
     */
    public List<Attachment> attachments(Gateway gateway, Gateway.Listener listener) {
        return routes.stream()
                .filter(route -> Attachment.takes(gateway, listener, route))
                .flatMap(route -> route.rules().stream().map(rule -> new Attachment(gateway, listener, route, rule)))
                .toList();
    }

    /**
     * What the manifests refer to and do not hold: backends, secrets, targets of policies, and so on.
     *
     * @return a warning for each
     */
    public List<Diagnostic> danglingReferences() {
        return new References(this).dangling();
    }
}

package io.gatepost.routes.status;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.PolicyReader.RejectedPolicy;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.routes.manifest.Manifests.ReadDocument;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What became of policies, as Kubernetes' conditions tell it ({@code docs/operations.md#policies}): whether a policy is
 * accepted, attached to its targets, and in force in part only.
 */
final class Conditions {
    private final List<Diagnostic> found;
    private final Set<Diagnostic> notEnforced;
    private final Set<Diagnostic> dangling;
    private final Set<Origin> policies;
    private final Set<Origin> authenticating;
    private final List<Origin> starts;

    Conditions(Manifests manifests, List<TrafficPolicy> inForce, List<Diagnostic> found) {
        this.found = found;
        notEnforced = new HashSet<>(manifests.notEnforced());
        dangling = new HashSet<>(manifests.danglingReferences());
        policies = Stream.concat(
                        manifests.policies().stream().map(TrafficPolicy::origin),
                        manifests.rejectedPolicies().stream().map(RejectedPolicy::origin))
                .collect(Collectors.toSet());
        authenticating = inForce.stream()
                .filter(policy -> policy.jwtAuthentication() != null)
                .map(TrafficPolicy::origin)
                .collect(Collectors.toSet());
        starts = manifests.documents().stream().map(ReadDocument::origin).toList();
    }

    /**
     * One condition.
     *
     * @param type {@code Accepted}, {@code Attached} or {@code PartiallyValid}
     * @param status {@code True} or {@code False}
     * @param reason one word for programs
     * @param message a sentence for people
     */
    record Condition(String type, String status, String reason, String message) {
        static Condition of(String type, boolean holds, String reason, String message) {
            return new Condition(type, holds ? "True" : "False", reason, message);
        }
    }

    boolean isPolicy(ReadDocument document) {
        return policies.contains(document.origin());
    }

    List<Condition> of(ReadDocument document) {
        List<Diagnostic> own = found.stream()
                .filter(one -> isWithin(one.origin(), document.origin()))
                .toList();
        List<Diagnostic> errors = own.stream().filter(Diagnostic::isError).toList();
        List<Diagnostic> ignored = own.stream().filter(notEnforced::contains).toList();
        boolean invalid = !errors.isEmpty() && !authenticating.contains(document.origin());
        boolean partial = !invalid && !(errors.isEmpty() && ignored.isEmpty());
        List<Diagnostic> why = errors.isEmpty() ? ignored : errors;
        return List.of(
                accepted(invalid, partial, why, errors.isEmpty()),
                attached(document, invalid),
                Condition.of(
                        "PartiallyValid",
                        partial,
                        partial ? "PartiallyValid" : invalid ? "Invalid" : "Valid",
                        partial ? messages(why) : invalid ? "Nothing of it can be used" : "All of it is in force"));
    }

    private static Condition accepted(boolean invalid, boolean partial, List<Diagnostic> why, boolean open) {
        String closed = open ? "" : "; its targets are closed";
        if (invalid) {
            return Condition.of("Accepted", false, "Invalid", messages(why) + closed);
        }
        return partial
                ? Condition.of("Accepted", true, "PartiallyValid", messages(why) + closed)
                : Condition.of("Accepted", true, "Valid", "Policy accepted");
    }

    private Condition attached(ReadDocument document, boolean invalid) {
        List<Diagnostic> missing = dangling.stream()
                .filter(one -> one.origin().equals(document.origin()))
                .toList();
        if (invalid || !missing.isEmpty()) {
            String why = missing.isEmpty() ? "it is invalid" : messages(missing);
            return Condition.of("Attached", false, "Pending", "Policy is not attached: " + why);
        }
        return Condition.of("Attached", true, "Attached", "Attached to all targets");
    }

    /** Whether the last document that starts before it is this one. */
    private boolean isWithin(Origin place, Origin start) {
        return isAtOrAfter(place, start)
                && starts.stream()
                        .noneMatch(other ->
                                isAtOrAfter(place, other) && isAtOrAfter(other, start) && !other.equals(start));
    }

    private static boolean isAtOrAfter(Origin place, Origin start) {
        return place.source().equals(start.source())
                && (place.line() > start.line() || (place.line() == start.line() && place.column() >= start.column()));
    }

    private static String messages(List<Diagnostic> diagnostics) {
        return diagnostics.stream().map(Diagnostic::toString).sorted().collect(Collectors.joining("; "));
    }
}

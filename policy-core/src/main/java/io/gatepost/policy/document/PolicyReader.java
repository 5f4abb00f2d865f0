package io.gatepost.policy.document;

import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.Enforcement;
import io.gatepost.policy.model.JwksSource;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TargetRef;
import io.gatepost.policy.model.TargetSelector;
import io.gatepost.policy.model.TrafficPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads policies from YAML and JSON: kinds {@code TrafficPolicy} ({@code gateway.networking.k8s.io/v1alpha2}) and
 * {@code AgentgatewayPolicy} ({@code agentgateway.dev/v1alpha1}), many in one text, with the limits and defaults of
 * section 4.1 of the reference. Keys and expressions are looked at when an engine is built from the policies.
 */
public final class PolicyReader {
    private PolicyReader() {}

    /** What became of a policy document. */
    public sealed interface Outcome {}

    /**
     * A policy that can be used, as far as the document shows.
     *
     * @param policy the policy
     */
    public record AcceptedPolicy(TrafficPolicy policy) implements Outcome {}

    /**
     * A policy that must not be used, as far as it can be read, so that its targets can be closed.
     *
     * @param name the document's name
     * @param targetRefs the targets by name that can be read
     * @param targetSelectors the targets by label that can be read
     * @param targetsReadable whether these are all the targets that the document names
     * @param phase when it would apply
     * @param authenticates whether it has a {@code jwtAuthentication}, usable or not
     * @param jwtAuthentication that, where it can be read whole; null otherwise
     * @param keySets the key sets in it that can be read
     * @param expressions the expressions that can be read
     * @param enforcement whether it was to be enforced; what is wrong with a policy in shadow is a warning
     * @param origin where the document starts
     */
    public record RejectedPolicy(
            ObjectName name,
            List<TargetRef> targetRefs,
            List<TargetSelector> targetSelectors,
            boolean targetsReadable,
            Phase phase,
            boolean authenticates,
            @Nullable JwtAuthentication jwtAuthentication,
            List<JwksSource.Inline> keySets,
            List<MatchExpression> expressions,
            Enforcement enforcement,
            Origin origin)
            implements Outcome {
        public RejectedPolicy {
            keySets = List.copyOf(keySets);
            expressions = List.copyOf(expressions);
            targetRefs = List.copyOf(targetRefs);
            targetSelectors = List.copyOf(targetSelectors);
        }
    }

    /**
     * Reads the policies of a file. Documents of other kinds are passed over.
     *
     * @param file the file
     * @return the policies, in the order of the file; at least one
     * @throws InvalidPolicyException with every problem of the file, where one is an error or where no policy is in it
     */
    public static List<TrafficPolicy> read(Path file) {
        Findings findings = new Findings(Severity.ERROR);
        return policies(file.toString(), new Documents(findings).read(file), findings);
    }

    /**
     * Reads the policies of a text. Documents of other kinds are passed over.
     *
     * @param name what messages call the text, such as a file's name
     * @param text YAML or JSON
     * @return the policies, in the order of the text; at least one
     * @throws InvalidPolicyException with every problem of the text, where one is an error or where no policy is in it
     */
    public static List<TrafficPolicy> parse(String name, String text) {
        Findings findings = new Findings(Severity.ERROR);
        return policies(name, new Documents(findings).parse(name, text), findings);
    }

    /** Whoever reads policies wants some: none would allow everything. */
    private static List<TrafficPolicy> policies(String name, List<Document> documents, Findings findings) {
        List<TrafficPolicy> policies = new ArrayList<>();
        for (Document document : documents) {
            if (isPolicy(document) && read(document, findings) instanceof AcceptedPolicy accepted) {
                policies.add(accepted.policy());
            }
        }
        if (policies.isEmpty() && findings.errors() == 0) {
            findings.error(
                    documents.isEmpty()
                            ? new Origin(name, 1, 1, "")
                            : documents.get(0).fields().origin("kind"),
                    "there is no policy here; expected a `TrafficPolicy` of `"
                            + PolicyFields.API_VERSIONS.get("TrafficPolicy") + "` or an `AgentgatewayPolicy` of `"
                            + PolicyFields.API_VERSIONS.get("AgentgatewayPolicy") + "`");
        }
        if (findings.errors() > 0) {
            throw new InvalidPolicyException(findings.diagnostics());
        }
        return policies;
    }

    /**
     * Whether a document is of a kind that this class reads.
     *
     * @param document the document
     * @return true for a policy, of whatever API version
     */
    public static boolean isPolicy(Document document) {
        return PolicyFields.isPolicy(document);
    }

    /**
     * The kinds that this class reads.
     *
     * @return the API version by the kind
     */
    public static Map<String, String> apiVersions() {
        return PolicyFields.API_VERSIONS;
    }

    /**
     * Reads one policy.
     *
     * @param document a document for which {@link #isPolicy} holds
     * @param findings where problems go
     * @return the policy, or what can be read of it
     */
    public static Outcome read(Document document, Findings findings) {
        return read(document, findings, Set.of());
    }

    /**
     * Reads one policy of which the caller enforces more than an engine does.
     *
     * @param document a document for which {@link #isPolicy} holds
     * @param findings where problems go
     * @param enforcedElsewhere fields of {@code traffic}, such as {@code cors}, that the caller reads and enforces
     *     itself
     * @return the policy, or what can be read of it
     */
    public static Outcome read(Document document, Findings findings, Set<String> enforcedElsewhere) {
        return PolicyFields.read(document, findings, enforcedElsewhere);
    }
}

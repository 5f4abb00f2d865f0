package io.gatepost.policy.document;

import io.gatepost.policy.model.InvalidPolicyException;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Origin;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TargetRef;
import io.gatepost.policy.model.TargetSelector;
import io.gatepost.policy.model.TrafficPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads policies from YAML and JSON: kinds {@code TrafficPolicy} ({@code gateway.networking.k8s.io/v1alpha2}) and
 * {@code AgentgatewayPolicy} ({@code agentgateway.dev/v1alpha1}), many in one text, with the limits and defaults of
 * section 4.1 of the reference. Keys and expressions are looked at when an engine is built from the policies.
 */
public final class PolicyReader {
    private PolicyReader() {}

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
            Origin origin) {
        public RejectedPolicy {
            targetRefs = List.copyOf(targetRefs);
            targetSelectors = List.copyOf(targetSelectors);
        }
    }

    /**
     * Reads the policies of a file. What else the file holds is passed over.
     *
     * @param file the file
     * @return the policies, in the order of the file
     * @throws InvalidPolicyException with every problem of every policy
     * @throws IOException where the file can't be read
     */
    public static List<TrafficPolicy> read(Path file) throws IOException {
        return List.of();
    }

    /**
     * Reads the policies of a text.
     *
     * @param name what messages call the text, such as a file's name
     * @param text YAML or JSON
     * @return the policies, in the order of the text
     * @throws InvalidPolicyException with every problem of every policy
     */
    public static List<TrafficPolicy> parse(String name, String text) {
        return List.of();
    }
}

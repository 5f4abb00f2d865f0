package io.gatepost.routes.manifest;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.TargetRef;
import java.util.List;

/**
 * An {@code AgentgatewayPolicy} with {@code backend.tls}: how to speak TLS to the backends that it targets.
 *
 * @param name the object's name
 * @param targetRefs the backends, in the policy's namespace
 * @param tls how to speak TLS to them
 * @param origin where the document starts
 */
public record BackendTlsPolicy(ObjectName name, List<TargetRef> targetRefs, Tls tls, Origin origin) {
    public BackendTlsPolicy {
        targetRefs = List.copyOf(targetRefs);
    }
}

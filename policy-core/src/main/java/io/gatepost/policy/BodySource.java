package io.gatepost.policy;

import java.util.concurrent.CompletionStage;

/**
 * Where a request's body comes from once a decision needs it: after the credential, and only where a rule reads it.
 * What a client without a valid credential sends is neither read nor decoded.
 */
@FunctionalInterface
public interface BodySource {
    /**
     * Reads the body. Asked at most once for a decision, on the thread that checked the credential. The decision goes
     * on on the thread that completes the stage; where decoding and judging it would hold up an event loop, that should
     * be another one.
     *
     * @return the body as it is sent on, content encodings removed, empty where there is none; or a failure, such as a
     *     {@link io.gatepost.policy.forward.RejectedBodyException}, with which the decision's own stage fails
     */
    CompletionStage<byte[]> read();
}

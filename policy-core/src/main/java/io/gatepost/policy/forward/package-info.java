/**
 * What happens to a request on its way to an LLM upstream, the same in every adapter. Start at
 * {@link io.gatepost.policy.forward.Upstream}. Sends nothing itself; depends on {@code io.gatepost.policy} and
 * {@code .request}.
 */
@NullMarked
package io.gatepost.policy.forward;

import org.jspecify.annotations.NullMarked;

/**
 * Enforces decisions in Undertow and forwards to an LLM upstream. Start at {@link io.gatepost.undertow.PolicyHandler}.
 * Depends on policy-core and undertow-core.
 */
@NullMarked
package io.gatepost.undertow;

import org.jspecify.annotations.NullMarked;

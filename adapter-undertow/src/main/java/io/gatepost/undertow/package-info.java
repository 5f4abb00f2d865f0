/** Enforces decisions in Undertow and forwards to an LLM upstream. Depends on policy-core and undertow-core. */
@NullMarked
package io.gatepost.undertow;

import org.jspecify.annotations.NullMarked;

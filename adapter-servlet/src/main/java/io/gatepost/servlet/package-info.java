/**
 * Enforces decisions in a Servlet container and forwards to an LLM upstream. Start at
 * {@link io.gatepost.servlet.PolicyFilter}. Depends on policy-core and the Servlet API.
 */
@NullMarked
package io.gatepost.servlet;

import org.jspecify.annotations.NullMarked;

/**
 * A gateway that Gatepost has no adapter for: Jetty's core handlers, without Servlet. Start at
 * {@link io.gatepost.samples.custom.CustomGateway}. Depends on policy-core, policy-cel and jetty-server.
 */
@NullMarked
package io.gatepost.samples.custom;

import org.jspecify.annotations.NullMarked;

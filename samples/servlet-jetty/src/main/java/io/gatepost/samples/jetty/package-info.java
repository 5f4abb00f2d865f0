/**
 * Filter and forwarding servlet in an embedded Jetty. Start at {@link io.gatepost.samples.jetty.JettyGateway}. Depends
 * on adapter-servlet, policy-cel and Jetty's servlet container.
 */
@NullMarked
package io.gatepost.samples.jetty;

import org.jspecify.annotations.NullMarked;

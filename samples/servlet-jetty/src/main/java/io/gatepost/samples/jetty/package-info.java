/** Filter and forwarding servlet in an embedded Jetty. */
@NullMarked
package io.gatepost.samples.jetty;

import org.jspecify.annotations.NullMarked;

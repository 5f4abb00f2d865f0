/**
 * The sample gateway and its command line: what the tutorial does with a cluster, done by one process. Start at
 * {@link io.gatepost.samples.gateway.Main}.
 */
@NullMarked
package io.gatepost.samples.gateway;

import org.jspecify.annotations.NullMarked;

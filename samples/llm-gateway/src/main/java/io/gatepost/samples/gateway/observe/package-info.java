/**
 * What operators see of the running gateway: metrics, the state of policies, the record of decisions. Told by the
 * server, knows nothing of it. Start at {@code Metrics}.
 */
@NullMarked
package io.gatepost.samples.gateway.observe;

import org.jspecify.annotations.NullMarked;

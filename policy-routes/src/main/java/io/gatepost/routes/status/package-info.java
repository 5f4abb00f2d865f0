/**
 * What became of each document and each policy, as Kubernetes' conditions tell it. Start at
 * {@link io.gatepost.routes.status.PolicyReport}. Depends on {@code io.gatepost.routes} and on the core.
 */
@NullMarked
package io.gatepost.routes.status;

import org.jspecify.annotations.NullMarked;

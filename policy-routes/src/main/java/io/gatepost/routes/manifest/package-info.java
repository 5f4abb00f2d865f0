/**
 * The documents of the Gateway API and of agentgateway around a policy, as far as routes act on them. Start at
 * {@link io.gatepost.routes.manifest.Manifests}. Depends on the core's documents and models.
 */
@NullMarked
package io.gatepost.routes.manifest;

import org.jspecify.annotations.NullMarked;

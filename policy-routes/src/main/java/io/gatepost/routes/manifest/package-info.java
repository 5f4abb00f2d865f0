/**
 * The Kubernetes manifests around a policy, as far as the gateway acts on them. Start at
 * {@link io.gatepost.routes.manifest.Manifests}.
 */
@NullMarked
package io.gatepost.routes.manifest;

import org.jspecify.annotations.NullMarked;

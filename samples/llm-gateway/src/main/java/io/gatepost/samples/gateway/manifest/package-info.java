/**
 * The Kubernetes manifests around a policy, as far as the gateway acts on them. Start at
 * {@link io.gatepost.samples.gateway.manifest.Manifests}.
 */
@NullMarked
package io.gatepost.samples.gateway.manifest;

import org.jspecify.annotations.NullMarked;

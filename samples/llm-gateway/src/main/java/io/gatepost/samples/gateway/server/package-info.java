/**
 * The gateway that {@code serve} runs: manifests into routes, routes into handlers, reloaded while it serves. Start at
 * {@code GatewayServer}.
 */
@NullMarked
package io.gatepost.samples.gateway.server;

import org.jspecify.annotations.NullMarked;

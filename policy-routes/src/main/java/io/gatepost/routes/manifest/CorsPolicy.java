package io.gatepost.routes.manifest;

import io.gatepost.policy.model.TrafficPolicy;

/**
 * A policy with {@code traffic.cors}.
 *
 * @param policy the policy, for its targets, phase and inheritance
 * @param cors what it says
 */
public record CorsPolicy(TrafficPolicy policy, Cors cors) {}

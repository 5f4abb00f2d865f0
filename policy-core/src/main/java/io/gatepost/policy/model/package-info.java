/**
 * A policy document as it is written: immutable records that validate themselves. Start at
 * {@link io.gatepost.policy.model.TrafficPolicy}. Depends on {@code diagnostic} for where a value is written.
 */
@NullMarked
package io.gatepost.policy.model;

import org.jspecify.annotations.NullMarked;

/**
 * What is written down about requests that are refused: bounded, and without secrets. Start at
 * {@link io.gatepost.policy.log.DenialLog}. Depends on requests and decisions, and on slf4j.
 */
@NullMarked
package io.gatepost.policy.log;

import org.jspecify.annotations.NullMarked;

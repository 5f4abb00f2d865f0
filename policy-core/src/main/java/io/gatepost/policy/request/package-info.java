/**
 * The one reading of a request: its syntax, target, body and credentials, where no two servers can disagree. Start at
 * {@link io.gatepost.policy.request.RequestSyntax}. Depends on {@link io.gatepost.policy.PolicyRequest},
 * {@code io.gatepost.policy.model} and {@code .text}.
 */
@NullMarked
package io.gatepost.policy.request;

import org.jspecify.annotations.NullMarked;

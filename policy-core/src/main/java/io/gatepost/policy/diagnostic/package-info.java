/**
 * What is wrong with a document, and where it is written. Start at {@link io.gatepost.policy.diagnostic.Diagnostic}.
 * Depends on nothing else of Gatepost.
 */
@NullMarked
package io.gatepost.policy.diagnostic;

import org.jspecify.annotations.NullMarked;

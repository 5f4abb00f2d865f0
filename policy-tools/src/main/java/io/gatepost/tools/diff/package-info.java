/**
 * Compares policies: what changes in what they say, and which requests would be decided otherwise. The door is
 * {@link io.gatepost.tools.diff.PolicyDiff}. Knows no test framework.
 */
@NullMarked
package io.gatepost.tools.diff;

import org.jspecify.annotations.NullMarked;

/**
 * Explains decisions: the whole of one as a tree, and what would have to differ for the request to be allowed. The door
 * is {@link io.gatepost.tools.explain.Explainer}. Knows no test framework.
 */
@NullMarked
package io.gatepost.tools.explain;

import org.jspecify.annotations.NullMarked;

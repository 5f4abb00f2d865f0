/**
 * From text to policies: YAML and JSON documents with the position of everything in them. Start at
 * {@link io.gatepost.policy.document.PolicyReader}; the rest is for readers of other documents in the same files.
 */
@NullMarked
package io.gatepost.policy.document;

import org.jspecify.annotations.NullMarked;

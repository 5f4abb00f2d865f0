/**
 * Texts that have one reading: JSON ({@link io.gatepost.policy.text.StrictJson}) and base64url, and values as people
 * read them. Depends on nothing of Gatepost.
 */
@NullMarked
package io.gatepost.policy.text;

import org.jspecify.annotations.NullMarked;

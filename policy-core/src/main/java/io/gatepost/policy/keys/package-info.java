/**
 * All reading of keys: from policies, files, key servers and discovery, kept over a restart. Start at
 * {@link io.gatepost.policy.keys.KeySources}. Depends on {@code io.gatepost.policy.model}, {@code .document} (how files
 * are opened) and {@code .text}; knows no token and no request.
 */
@NullMarked
package io.gatepost.policy.keys;

import org.jspecify.annotations.NullMarked;

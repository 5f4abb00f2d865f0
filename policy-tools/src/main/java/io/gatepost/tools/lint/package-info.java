/**
 * Looks for what is probably a mistake in policies that load: rules that never hold, traps of the language, providers
 * that trust too much. Start at {@link io.gatepost.tools.lint.Lint}.
 */
@NullMarked
package io.gatepost.tools.lint;

import org.jspecify.annotations.NullMarked;

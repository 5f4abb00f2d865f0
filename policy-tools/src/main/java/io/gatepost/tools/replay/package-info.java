/**
 * Recorded requests, decided again: of HAR files, audit logs and lines as {@code decide} reads them. The door is
 * {@link io.gatepost.tools.replay.Recording}. Knows no test framework.
 */
@NullMarked
package io.gatepost.tools.replay;

import org.jspecify.annotations.NullMarked;

/**
 * Recorded requests, decided again: of HAR files, audit logs and lines as {@code decide} reads them. The door is
 * {@link io.gatepost.testkit.replay.Recording}. Knows no test framework.
 */
@NullMarked
package io.gatepost.testkit.replay;

import org.jspecify.annotations.NullMarked;

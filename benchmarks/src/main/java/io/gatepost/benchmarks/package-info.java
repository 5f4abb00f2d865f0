/** What decisions, verification and expressions cost, beside what peers take for the same. */
@NullMarked
package io.gatepost.benchmarks;

import org.jspecify.annotations.NullMarked;

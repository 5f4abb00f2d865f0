/** A gateway that Gatepost has no adapter for: Jetty's core handlers, without Servlet. */
@NullMarked
package io.gatepost.samples.custom;

import org.jspecify.annotations.NullMarked;

/** A Spring Boot application guarded by one bean. */
@NullMarked
package io.gatepost.samples.boot;

import org.jspecify.annotations.NullMarked;

/**
 * A Spring Boot application guarded by one bean. Start at {@link io.gatepost.samples.boot.Application}. Depends on
 * adapter-servlet, policy-cel and Spring Boot.
 */
@NullMarked
package io.gatepost.samples.boot;

import org.jspecify.annotations.NullMarked;

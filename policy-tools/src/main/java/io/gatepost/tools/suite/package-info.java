/**
 * Policies under test, without any test framework: requests as lines of JSON, the engines that judge them, and what
 * they answer. Start at {@link io.gatepost.tools.suite.AskedRequest}. Depends on policy-core and policy-cel; no type of
 * JUnit or AssertJ is used here, since command lines bundle it.
 */
@NullMarked
package io.gatepost.tools.suite;

import org.jspecify.annotations.NullMarked;

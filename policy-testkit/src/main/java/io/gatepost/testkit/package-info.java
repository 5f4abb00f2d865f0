/**
 * What tests of policies and adapters need: tests in YAML as tests of JUnit, assertions, an issuer of tokens, and the
 * contract that every adapter keeps. Start at {@link io.gatepost.testkit.PolicyTest} and
 * {@link io.gatepost.testkit.AdapterContract}. Depends on policy-core, policy-cel, JUnit and AssertJ.
 */
@NullMarked
package io.gatepost.testkit;

import org.jspecify.annotations.NullMarked;

/** What tests of policies and adapters need: an issuer of tokens. Depends on policy-core and policy-cel. */
@NullMarked
package io.gatepost.testkit;

import org.jspecify.annotations.NullMarked;

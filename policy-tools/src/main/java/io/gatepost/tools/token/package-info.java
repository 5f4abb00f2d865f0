/**
 * Keys made afresh and tokens signed with them, good or spoilt, for tests and for questions about requests that nobody
 * has sent yet. Start at {@link io.gatepost.tools.token.TokenIssuer}. Depends on policy-core and jose4j.
 */
@NullMarked
package io.gatepost.tools.token;

import org.jspecify.annotations.NullMarked;

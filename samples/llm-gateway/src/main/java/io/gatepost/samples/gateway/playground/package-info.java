/**
 * A page to try policies on. It decides by the engine and reads no file and no network on behalf of the page. Public is
 * the handler; depends on policy-testkit and the server's HTTP.
 */
@NullMarked
package io.gatepost.samples.gateway.playground;

import org.jspecify.annotations.NullMarked;

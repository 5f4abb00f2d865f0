/**
 * Forwards over the JDK's HTTP client, for servers that give each request a thread. Start at
 * {@link io.gatepost.policy.forward.jdk.JdkForwarder}. Depends on {@code io.gatepost.policy.forward}.
 */
@NullMarked
package io.gatepost.policy.forward.jdk;

import org.jspecify.annotations.NullMarked;

/**
 * What the backends of routes and of keys come to: addresses, credentials and TLS. Start at
 * {@link io.gatepost.routes.backend.Backends}. Depends on {@code io.gatepost.routes.manifest} and on the core.
 */
@NullMarked
package io.gatepost.routes.backend;

import org.jspecify.annotations.NullMarked;

/**
 * What guards a request and where it goes, by the documents of the Gateway API. Start at
 * {@link io.gatepost.routes.RouteTable}. Depends on {@code io.gatepost.routes.manifest} and on the core.
 */
@NullMarked
package io.gatepost.routes;

import org.jspecify.annotations.NullMarked;

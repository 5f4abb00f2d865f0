package io.gatepost.routes;

/** A request that could be one to several routes, or not one to the route that was named. The message is a user's. */
public final class UnclearRouteException extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param message what would have to be said */
    UnclearRouteException(String message) {
        super(message, null, false, false);
    }
}

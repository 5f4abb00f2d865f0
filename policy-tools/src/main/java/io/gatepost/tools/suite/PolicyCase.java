package io.gatepost.tools.suite;

import io.gatepost.policy.diagnostic.Origin;
import org.jspecify.annotations.Nullable;

/** One case of a {@link PolicySuite}: a request and what is expected of the policies. Immutable. */
public final class PolicyCase {
    private final String name;
    private final Origin origin;
    private final AskedRequest request;
    private final @Nullable String route;
    private final Expectation expectation;

    PolicyCase(String name, Origin origin, AskedRequest request, @Nullable String route, Expectation expectation) {
        this.route = route;
        this.name = name;
        this.origin = origin;
        this.request = request;
        this.expectation = expectation;
    }

    /**
     * What the case is called; unique within its suite.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * Where it is written.
     *
     * @return the position in the suite's file
     */
    public Origin origin() {
        return origin;
    }

    /**
     * The request, with its token or the claims given instead.
     *
     * @return the request
     */
    public AskedRequest request() {
        return request;
    }

    /**
     * The route that is meant.
     *
     * @return {@code namespace/name} or {@code name}; null for whichever takes the request
     */
    public @Nullable String route() {
        return route;
    }

    Expectation expectation() {
        return expectation;
    }

    @Override
    public String toString() {
        return origin.place() + ": " + name;
    }
}

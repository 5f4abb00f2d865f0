package io.gatepost.samples.gateway.server;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is swapped when files change.
 *
 * @param router chooses what answers a request
 * @param checks judges what proxies ask about; null where none may
 * @param guards the policies behind both
 * @param overview what guards each route, for a person
 * @param report what there is to tell of the policies, as JSON
 */
record Configuration(Router router, @Nullable Router checks, Guards guards, List<String> overview, String report)
        implements AutoCloseable {
    @Override
    public void close() {
        guards.close();
    }
}

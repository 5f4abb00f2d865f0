package io.gatepost.undertow;

import io.gatepost.policy.forward.UpstreamFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What became of one request to an upstream. Immutable.
 *
 * @param method the method that the upstream was asked with
 * @param path the path that it was asked for, without the query
 * @param status the upstream's status; 0 where it gave none
 * @param failure why there is no whole response; null where there is one
 * @param untilFirstByte the time until the first byte of the response's body was sent on; null where there was none
 * @param elapsed the time until the response ended, the wait for a connection included; of a WebSocket (status 101) the
 *     time until it ended
 */
public record UpstreamCall(
        String method,
        String path,
        int status,
        @Nullable UpstreamFailure failure,
        @Nullable Duration untilFirstByte,
        Duration elapsed) {}

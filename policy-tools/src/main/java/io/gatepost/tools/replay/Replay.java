package io.gatepost.tools.replay;

import io.gatepost.policy.Decision;
import java.util.List;
import java.util.Objects;

/**
 * Decisions on recorded requests. Immutable.
 *
 * @param requests the requests with their decisions, in their order
 */
public record Replay(List<Replayed> requests) {
    public Replay {
        requests = List.copyOf(requests);
    }

    /**
     * A request, decided again.
     *
     * @param request the request
     * @param decision what is decided on it
     */
    public record Replayed(RecordedRequest request, Decision decision) {
        public Replayed {
            Objects.requireNonNull(request, "request");
            Objects.requireNonNull(decision, "decision");
        }
    }

    /**
     * The decision on one request.
     *
     * @param number the request's {@link RecordedRequest#number}
     * @return the decision
     * @throws IllegalArgumentException where there is no such request
     */
    public Decision decision(int number) {
        return requests.stream()
                .filter(one -> one.request().number() == number)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no request " + number + " was recorded"))
                .decision();
    }
}

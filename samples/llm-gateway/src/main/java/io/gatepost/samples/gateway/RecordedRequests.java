package io.gatepost.samples.gateway;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.forward.Entry;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.samples.gateway.server.ManifestRouting;
import io.gatepost.tools.diff.Asked;
import io.gatepost.tools.explain.Simulation;
import io.gatepost.tools.replay.RecordedRequest;
import io.gatepost.tools.replay.RecordedRequest.Outcome;
import io.gatepost.tools.replay.Recording;
import io.gatepost.tools.suite.UnreadableRequestException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * Recorded requests that can be decided again. An audit record holds only a part of its request: where that part is
 * decided otherwise than the record says, nothing can be told from it.
 *
 * @param requests the requests
 * @param undecidable how many records held too little
 */
record RecordedRequests(List<Asked> requests, int undecidable) {
    RecordedRequests {
        requests = List.copyOf(requests);
    }

    /**
     * Reads a file.
     *
     * @param policies by which what is in an audit log was decided
     * @param keys what reads their keys
     * @param entry where requests come in
     * @throws CommandException where a line can't be read
     */
    static RecordedRequests read(Path file, ManifestRouting policies, KeySources keys, Entry entry) throws IOException {
        List<Asked> requests = new ArrayList<>();
        int undecidable = 0;
        try (Simulation simulation =
                new Simulation(any -> policies.routed().of(any).policies(), keys, Clock.systemUTC())) {
            for (RecordedRequest one : Recording.read(file).requests()) {
                if (isDecidable(one, policies, simulation, entry)) {
                    requests.add(Asked.recorded(
                            one.request(entry, policies), one.asked().token()));
                } else {
                    undecidable++;
                }
            }
        } catch (UnreadableRequestException e) {
            throw new CommandException(String.valueOf(e.getMessage()));
        }
        return new RecordedRequests(requests, undecidable);
    }

    /** Whether what is recorded comes to the same route and is decided as the whole was. */
    static boolean isDecidable(RecordedRequest one, ManifestRouting policies, Simulation simulation, Entry entry)
            throws UnreadableRequestException {
        Outcome outcome = one.outcome();
        if (outcome == null) {
            return true;
        }
        PolicyRequest request = one.request(entry, policies);
        String route = policies.routed().of(request).route();
        Decision decision = one.decide(simulation, request);
        return (route == null || route.equals(outcome.route())) && decision != null && outcome.isSame(decision);
    }
}

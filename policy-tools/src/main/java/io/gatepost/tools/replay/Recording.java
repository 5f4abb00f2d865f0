package io.gatepost.tools.replay;

import io.gatepost.policy.Decision;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.explain.Guard;
import io.gatepost.tools.explain.Rulings;
import io.gatepost.tools.replay.Replay.Replayed;
import io.gatepost.tools.suite.AskedRequest;
import io.gatepost.tools.suite.UnreadableRequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Requests that were recorded, to be decided again by the policies of today or of tomorrow. Immutable.
 *
 * @param requests the requests, in their order
 */
public record Recording(List<RecordedRequest> requests) {
    public Recording {
        requests = List.copyOf(requests);
    }

    /**
     * Reads a file: a HAR file, else lines of JSON that are records of an audit log or requests as {@code decide} reads
     * them. Blank lines are passed over.
     *
     * @param file the file
     * @return what it holds
     * @throws IOException where the file can't be read
     * @throws UnreadableRequestException where a line or an entry is no request; the message names it
     */
    public static Recording read(Path file) throws IOException, UnreadableRequestException {
        String text = Files.readString(file);
        JsonNode whole = json(text);
        return whole != null && Har.is(whole)
                ? ofHar(whole)
                : ofLines(text.lines().toList());
    }

    private static Recording ofHar(JsonNode har) throws UnreadableRequestException {
        List<RecordedRequest> requests = new ArrayList<>();
        int number = 0;
        for (JsonNode entry : har.path("log").path("entries")) {
            number++;
            if (Har.isSent(entry)) {
                requests.add(request("entry", number, Har.line(entry)));
            }
        }
        return new Recording(requests);
    }

    private static Recording ofLines(List<String> lines) throws UnreadableRequestException {
        List<RecordedRequest> requests = new ArrayList<>();
        for (int number = 1; number <= lines.size(); number++) {
            String line = lines.get(number - 1);
            if (!line.isBlank()) {
                requests.add(request("line", number, json(line)));
            }
        }
        return new Recording(requests);
    }

    private static RecordedRequest request(String what, int number, @Nullable JsonNode line)
            throws UnreadableRequestException {
        if (line == null) {
            throw new UnreadableRequestException(what + " " + number + " is not JSON");
        }
        try {
            return RecordedRequest.of(number, line);
        } catch (UnreadableRequestException e) {
            throw new UnreadableRequestException(what + " " + number + ": " + e.getMessage());
        }
    }

    /** Null for what is no JSON, or more than one value. */
    private static @Nullable JsonNode json(String text) {
        try {
            return AskedRequest.JSON.readTree(text);
        } catch (JacksonException e) {
            return null;
        }
    }

    /**
     * Decides on each request, now.
     *
     * @param policies policies that all apply, whatever their targets; their keys inline
     * @return the decisions
     * @throws UnreadableRequestException where one is none that a policy may see
     * @throws io.gatepost.policy.diagnostic.InvalidPolicyException where the policies can't be used
     */
    public Replay decide(List<TrafficPolicy> policies) throws UnreadableRequestException {
        return decide(policies, null, Clock.systemUTC());
    }

    /**
     * Decides on each request as of a time, such as that of the recording, when its tokens had not expired.
     *
     * @param policies policies that all apply, whatever their targets
     * @param keys what reads keys that are not written in policies; null where all are
     * @param clock what times of tokens are compared with
     * @return the decisions
     * @throws UnreadableRequestException where one is none that a policy may see
     * @throws io.gatepost.policy.diagnostic.InvalidPolicyException where the policies can't be used
     */
    public Replay decide(List<TrafficPolicy> policies, @Nullable KeySources keys, Clock clock)
            throws UnreadableRequestException {
        Guard guard = Guard.of(policies);
        List<Replayed> decided = new ArrayList<>();
        try (Rulings rulings = new Rulings(any -> guard, keys, clock)) {
            for (RecordedRequest request : requests) {
                Decision decision = Objects.requireNonNull(request.decide(rulings));
                decided.add(new Replayed(request, decision));
            }
        }
        return new Replay(decided);
    }
}

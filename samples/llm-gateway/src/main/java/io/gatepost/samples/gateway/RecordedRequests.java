package io.gatepost.samples.gateway;

import io.gatepost.policy.KeySources;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.RequestBuilder;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.samples.gateway.server.RoutedPolicies;
import io.gatepost.testkit.diff.Asked;
import io.gatepost.testkit.explain.Rulings;
import io.gatepost.testkit.suite.AskedRequest;
import io.gatepost.testkit.suite.UnreadableRequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Requests of a file: of an audit log, or as {@code decide} reads them. An audit record holds only a part of its
 * request: where that part is decided otherwise than the record says, nothing can be told from it.
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
     * @throws CommandException where a line can't be read
     */
    static RecordedRequests read(Path file, RoutedPolicies policies, KeySources keys) throws IOException {
        List<Asked> requests = new ArrayList<>();
        int undecidable = 0;
        int number = 0;
        try (Rulings rulings = new Rulings(any -> policies.of(any).guard(), keys, Clock.systemUTC())) {
            for (String line : Files.readAllLines(file)) {
                number++;
                if (!line.isBlank()) {
                    JsonNode read = json(line, number);
                    Asked asked = read.has("outcome") ? ofRecord(read, policies, rulings) : ofLine(read, number);
                    undecidable += asked == null ? 1 : 0;
                    if (asked != null) {
                        requests.add(asked);
                    }
                }
            }
        }
        return new RecordedRequests(requests, undecidable);
    }

    private static JsonNode json(String line, int number) {
        try {
            return AskedRequest.JSON.readTree(line);
        } catch (JacksonException e) {
            throw new CommandException("line " + number + " is not JSON");
        }
    }

    private static Asked ofLine(JsonNode line, int number) {
        try {
            AskedRequest asked = AskedRequest.of(line);
            return Asked.recorded(asked.build(true), asked.token());
        } catch (UnreadableRequestException | RejectedBodyException | IllegalArgumentException e) {
            throw new CommandException("line " + number + ": " + e.getMessage());
        }
    }

    /** Null where what was recorded is decided otherwise than the whole was. */
    private static @Nullable Asked ofRecord(JsonNode record, RoutedPolicies policies, Rulings rulings) {
        RequestBuilder builder = PolicyRequest.builder(
                record.path("method").asString(""), record.path("path").asString("/"));
        PolicyRequest request = builder.build();
        VerifiedToken token = record.has("subject") || record.has("issuer") || record.has("claims")
                ? new VerifiedToken(record.path("issuer").asString(""), null, claims(record))
                : null;
        String route = policies.of(request).route();
        boolean sameRoute = route == null || route.equals(record.path("route").asString(""));
        Asked asked = Asked.recorded(request, token);
        return sameRoute
                        && asked.isDecided(
                                rulings,
                                record.path("outcome").asString(""),
                                record.path("reason").asString(""))
                ? asked
                : null;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> claims(JsonNode record) {
        Map<String, @Nullable Object> claims = new LinkedHashMap<>();
        if (record.has("claims")) {
            claims.putAll(AskedRequest.JSON.convertValue(record.path("claims"), Map.class));
        }
        if (record.has("subject")) {
            claims.put("sub", record.path("subject").asString(""));
        }
        if (record.has("issuer")) {
            claims.put("iss", record.path("issuer").asString(""));
        }
        return claims;
    }
}

package io.gatepost.tools.replay;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.forward.Entry;
import io.gatepost.policy.forward.RejectedRequestException;
import io.gatepost.tools.explain.Simulation;
import io.gatepost.tools.suite.AskedRequest;
import io.gatepost.tools.suite.Routing;
import io.gatepost.tools.suite.UnreadableRequestException;
import io.gatepost.tools.suite.UnroutedRequestException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One request of a recording. An audit log's holds method, path and the claims that were recorded, but no query, no
 * header, no body and no token. Immutable; its text holds no token.
 *
 * @param number its line in the file, or its place among a HAR file's entries, from 1
 * @param asked the request, with the claims that stand in for a verified token
 * @param outcome what was decided at the time; null where that is not recorded
 */
public record RecordedRequest(
        int number, AskedRequest asked, @Nullable Outcome outcome) {
    public RecordedRequest {
        Objects.requireNonNull(asked, "asked");
    }

    /**
     * What was decided.
     *
     * @param route the route by which; empty where that is not recorded
     * @param reason why it was refused; null where it was allowed
     */
    public record Outcome(String route, @Nullable DenyReason reason) {
        public Outcome {
            Objects.requireNonNull(route, "route");
        }

        /**
         * Whether it is decided so.
         *
         * @param decision a decision
         * @return whether both allow, or both refuse for the same reason
         */
        public boolean isSame(Decision decision) {
            return reason == (decision instanceof Decision.Deny deny ? deny.reason() : null);
        }

        @Override
        public String toString() {
            return reason == null ? "allowed" : "denied because of " + reason;
        }
    }

    /**
     * Reads a line.
     *
     * @param number its number
     * @param line a record of an audit log, or a request as {@code decide} reads it
     * @return the request
     * @throws UnreadableRequestException where it is neither
     */
    public static RecordedRequest of(int number, JsonNode line) throws UnreadableRequestException {
        return line.has("outcome")
                ? new RecordedRequest(number, AskedRequest.of(ofRecord(line)), outcome(line))
                : new RecordedRequest(number, AskedRequest.of(line), null);
    }

    private static ObjectNode ofRecord(JsonNode line) {
        ObjectNode asked = AskedRequest.JSON.createObjectNode();
        ObjectNode request = asked.putObject("request");
        request.set("method", line.path("method"));
        request.set("uri", line.path("path"));
        if (line.has("subject") || line.has("issuer") || line.has("claims")) {
            ObjectNode claims = asked.putObject("claims");
            line.path("claims").properties().forEach(claim -> claims.set(claim.getKey(), claim.getValue()));
            copy(line.path("subject"), "sub", claims);
            copy(line.path("issuer"), "iss", claims);
        }
        return asked;
    }

    private static void copy(JsonNode value, String claim, ObjectNode claims) {
        if (!value.isMissingNode()) {
            claims.set(claim, value);
        }
    }

    private static Outcome outcome(JsonNode line) throws UnreadableRequestException {
        String route = line.path("route").asString("");
        String reason = line.path("reason").asString("");
        if (line.path("outcome").asString("").equals("allow")) {
            return new Outcome(route, null);
        }
        return new Outcome(
                route,
                Arrays.stream(DenyReason.values())
                        .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(reason))
                        .findFirst()
                        .orElseThrow(() -> new UnreadableRequestException("reason: expected one of a denial")));
    }

    /**
     * The request as an engine sees it, with its body.
     *
     * @return the request
     * @throws UnreadableRequestException where it is none that a policy may see, such as one whose body can't be
     *     decoded
     */
    public PolicyRequest request() throws UnreadableRequestException {
        try {
            return asked.build(true);
        } catch (RejectedRequestException e) {
            throw new UnreadableRequestException("request " + number + ": " + e.getMessage());
        }
    }

    /**
     * The request as a gateway sees it behind its entry, with its body; one that names no host goes by its route.
     *
     * @param entry where it comes in
     * @param routing what knows the routes
     * @return the request
     * @throws UnreadableRequestException where it is none that a policy may see, or could be one to several routes
     */
    public PolicyRequest request(Entry entry, Routing routing) throws UnreadableRequestException {
        String route = outcome == null || outcome.route().isEmpty() ? null : outcome.route();
        try {
            return asked.enter(entry, routing, route, true);
        } catch (RejectedRequestException | UnroutedRequestException e) {
            throw new UnreadableRequestException("request " + number + ": " + e.getMessage());
        }
    }

    /**
     * Decides on the request; where claims stand in for a token, by the rules only.
     *
     * @param simulation what decides
     * @return the decision; null where no route takes the request
     * @throws UnreadableRequestException where it is none that a policy may see
     */
    public @Nullable Decision decide(Simulation simulation) throws UnreadableRequestException {
        return decide(simulation, request());
    }

    /**
     * Decides on the request as it came in; where claims stand in for a token, by the rules only.
     *
     * @param simulation what decides
     * @param request what {@link #request(Entry, Routing)} answered
     * @return the decision; null where no route takes the request
     */
    public @Nullable Decision decide(Simulation simulation, PolicyRequest request) {
        VerifiedToken token = asked.token();
        return token == null ? simulation.decide(request) : simulation.decideVerified(request, token.claims());
    }

    /** Number, method and URI without its query. */
    @Override
    public String toString() {
        return number + ": " + asked.toString().replaceFirst("\\?.*", "?...");
    }
}

package io.gatepost.tools.suite;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.forward.Entry;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RejectedRequestException;
import io.gatepost.policy.request.RequestSyntax;
import io.gatepost.tools.explain.Explained;
import io.gatepost.tools.explain.Explainer;
import io.gatepost.tools.explain.Guard;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a gateway does with a request, explained: by its policies, or by what stands before and behind them. Immutable.
 *
 * @param explained what the policies decided, and why; null where they were not asked, or what they allowed is refused
 *     all the same
 * @param refused what is answered then; null where the policies decided
 * @param place where the request came to, for people; empty where it came to no place
 */
public record ExplainedRequest(
        @Nullable Explained explained, @Nullable Answer refused, String place) {
    private static final Guard NOTHING = Guard.of(List.of());

    public ExplainedRequest {
        Objects.requireNonNull(place, "place");
    }

    /**
     * What the tools ask by.
     *
     * @param entry where requests come in
     * @param routing what chooses the policies
     * @param explainer what explains their decisions, by the clock of the request
     * @param engines what decides where a body is in doubt
     */
    public record Tools(Entry entry, Routing routing, Explainer explainer, Engines engines) {}

    /**
     * Explains a request.
     *
     * @param asked the request
     * @param route the route that is meant, {@code namespace/name} or {@code name}; null for whichever takes it
     * @param tools what to ask by
     * @return what becomes of it
     * @throws UnroutedRequestException where it is not clear which route is meant
     * @throws io.gatepost.policy.diagnostic.InvalidPolicyException where the policies can't be used
     */
    public static ExplainedRequest of(AskedRequest asked, @Nullable String route, Tools tools)
            throws UnroutedRequestException {
        try {
            return explain(asked, asked.enter(tools.entry(), tools.routing(), route, true), route, tools);
        } catch (RejectedBodyException e) {
            return withoutBody(asked, route, tools);
        } catch (RejectedRequestException e) {
            return notIn(asked, e, tools);
        }
    }

    /** The body matters only where a credential has passed and a rule looks at it. */
    private static ExplainedRequest withoutBody(AskedRequest asked, @Nullable String route, Tools tools)
            throws UnroutedRequestException {
        Answer answer = asked.ask(tools.entry(), tools.routing(), route, tools.engines());
        if (Answer.BODY_REJECTED.equals(answer.reason())) {
            return new ExplainedRequest(null, answer, "");
        }
        try {
            return explain(asked, asked.enter(tools.entry(), tools.routing(), route, false), route, tools);
        } catch (RejectedRequestException e) {
            return notIn(asked, e, tools);
        }
    }

    /** What is malformed may have cures; the policies that would have been asked do not matter for them. */
    private static ExplainedRequest notIn(AskedRequest asked, RejectedRequestException why, Tools tools) {
        Answer refused = Answer.refused(why);
        try {
            PolicyRequest raw = asked.raw();
            if (RequestSyntax.problem(raw) != null) {
                Explained explained = tools.explainer().explain(NOTHING, raw, null);
                if (explained.decision() instanceof Decision.Deny deny
                        && deny.reason().status() == refused.status()) {
                    return new ExplainedRequest(explained, null, "");
                }
            }
        } catch (IllegalArgumentException none) {
            // There is no request to change.
        }
        return new ExplainedRequest(null, refused, "");
    }

    private static ExplainedRequest explain(
            AskedRequest asked, PolicyRequest entered, @Nullable String route, Tools tools)
            throws UnroutedRequestException {
        Routing.Routed routed = tools.routing().route(entered, route);
        VerifiedToken token = asked.token();
        Map<String, @Nullable Object> claims = token == null ? null : token.claims();
        Explained explained = tools.explainer().explain(guards(entered, routed, tools.routing()), entered, claims);
        return explained.decision() instanceof Decision.Allow && routed.unserved() != null
                ? new ExplainedRequest(null, Answer.refused(routed.unserved()), routed.place())
                : new ExplainedRequest(explained, null, routed.place());
    }

    /** A change that leads to where nothing is served is no cure. */
    private static Function<PolicyRequest, @Nullable Guard> guards(
            PolicyRequest entered, Routing.Routed routed, Routing routing) {
        return one -> {
            if (one.equals(entered)) {
                return routed.guard();
            }
            try {
                Routing.Routed other = routing.route(one, null);
                return other.unserved() == null ? other.guard() : null;
            } catch (UnroutedRequestException e) {
                return null;
            }
        };
    }

    /**
     * The whole for a terminal.
     *
     * @return lines, each ended
     */
    public String text() {
        if (explained != null) {
            return explained.text(place);
        }
        Answer answer = Objects.requireNonNull(refused);
        return "deny " + answer.status() + " " + answer.reason() + "\n"
                + answer.explanation().summary() + "\n"
                + (place.isEmpty() ? "" : place + "\n");
    }

    /**
     * The whole for programs.
     *
     * @return a JSON object as {@link Explained#json()}
     */
    public String json() {
        if (explained != null) {
            return explained.json(place);
        }
        Answer answer = Objects.requireNonNull(refused);
        ObjectNode told = AskedRequest.JSON.createObjectNode();
        told.put("decision", "deny")
                .put("status", answer.status())
                .put("reason", answer.reason())
                .put("summary", answer.explanation().summary());
        if (!place.isEmpty()) {
            told.put("place", place);
        }
        told.putArray("tree");
        told.putArray("cures");
        return AskedRequest.JSON.writeValueAsString(told);
    }
}

package io.gatepost.policy.log;

import io.gatepost.policy.Decision;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import java.util.Objects;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line for each request that an adapter refuses, so that whoever runs a server finds out why a client was
 * turned away. The line names the reason, the route and the request's id, which the answer has too, as
 * {@code x-request-id}. It holds no token, no claim, no query and no body. A flood of refusals gets at most
 * {@value LineLimit#PER_SECOND} lines in a second; a further line then says how many have none. Turn the lines off by
 * the level of the logger {@value #LOGGER}. Thread-safe.
 */
public final class DenialLog {
    /** The name of the logger; its lines have the level INFO. */
    public static final String LOGGER = "io.gatepost.denials";

    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]+");
    private static final int LONGEST_METHOD = 16;

    private final String route;
    private final LineLimit limit = new LineLimit();

    /**
     * A log of one route.
     *
     * @param route what the lines call it, such as a filter's name
     */
    public DenialLog(String route) {
        this.route = Objects.requireNonNull(route, "route");
    }

    /**
     * Writes down a denial.
     *
     * @param request the request as it was judged
     * @param deny what was decided
     * @return the answer to send: the denial's own, with the request's id
     */
    public ErrorResponse denied(PolicyRequest request, Decision.Deny deny) {
        String id = LoggedRequest.id(request);
        ErrorResponse answer = deny.response();
        if (isTold()) {
            tell(
                    request,
                    answer,
                    id,
                    "denied: reason=" + deny.reason(),
                    deny.explanation().summary());
        }
        return LoggedRequest.named(answer, id);
    }

    /**
     * Writes down that a request was refused without a decision, as one whose body is too large to be judged.
     *
     * @param request the request
     * @param answer what its client gets
     * @return the answer to send: the same, with the request's id
     */
    public ErrorResponse refused(PolicyRequest request, ErrorResponse answer) {
        String id = LoggedRequest.id(request);
        if (isTold()) {
            tell(request, answer, id, "refused:", answer.message());
        }
        return LoggedRequest.named(answer, id);
    }

    /** Whether the next line may be written; says before how many were not. */
    private boolean isTold() {
        int before = LOG.isInfoEnabled() ? limit.next() : -1;
        if (before > 0) {
            LOG.warn(
                    "{} refusals have no line here, there were more than {} in a second", before, LineLimit.PER_SECOND);
        }
        return before >= 0;
    }

    private void tell(PolicyRequest request, ErrorResponse answer, String id, String what, String why) {
        LOG.info(
                "{} status={} route={} requestId={} method={} path={}: {}",
                what,
                answer.status(),
                route,
                id,
                LoggedRequest.shown(request.method(), LONGEST_METHOD),
                LoggedRequest.shown(request.path()),
                CONTROL.matcher(why).replaceAll(" "));
    }
}

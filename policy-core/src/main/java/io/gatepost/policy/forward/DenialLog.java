package io.gatepost.policy.forward;

import io.gatepost.policy.Decision;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line for each request that an adapter refuses, so that whoever runs a server finds out why a client was
 * turned away. The line names the reason, the route and the request's id, which the answer has too, as
 * {@code x-request-id}. It holds no token, no claim, no query and no body. A flood of refusals gets at most
 * {@value #PER_SECOND} lines in a second; a further line then says how many have none. Turn the lines off by the level
 * of the logger {@value #LOGGER}. Thread-safe.
 */
public final class DenialLog {
    /** The name of the logger; its lines have the level INFO. */
    public static final String LOGGER = "io.gatepost.denials";

    static final int PER_SECOND = 100;

    private static final String REQUEST_ID = "x-request-id";
    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);
    private static final Pattern ID = Pattern.compile("[\\w.:/=+-]{1,48}");
    private static final Pattern UNPRINTABLE = Pattern.compile("[^\\x21-\\x7e]");
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]+");
    /** What could be a token or a key, wherever it stands; the look-behind keeps the search linear. */
    private static final Pattern SECRET =
            Pattern.compile("(?<![\\w-])[\\w-]{10,}+\\.[\\w-]{20,}+[\\w.-]*+|(?<![\\w-])[\\w-]{64,}+");

    private static final int LONGEST_PATH = 256;
    private static final int LONGEST_LOOKED_AT = 16 * 1024;

    private final String route;
    private long begun = System.nanoTime();
    private int lines;
    private int missed;

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
        return told(
                request,
                deny.response(),
                "denied: reason=" + deny.reason(),
                deny.explanation().summary());
    }

    /**
     * Writes down that a request was refused without a decision, as one whose body is too large to be judged.
     *
     * @param request the request
     * @param answer what its client gets
     * @return the answer to send: the same, with the request's id
     */
    public ErrorResponse refused(PolicyRequest request, ErrorResponse answer) {
        return told(request, answer, "refused:", answer.message());
    }

    private ErrorResponse told(PolicyRequest request, ErrorResponse answer, String what, String why) {
        String id = id(request);
        int before = LOG.isInfoEnabled() ? next() : -1;
        if (before > 0) {
            LOG.warn("{} refusals have no line here, there were more than {} in a second", before, PER_SECOND);
        }
        if (before >= 0) {
            LOG.info(
                    "{} status={} route={} requestId={} method={} path={}: {}",
                    what,
                    answer.status(),
                    route,
                    id,
                    shown(request.method(), 16),
                    shown(request.path(), LONGEST_PATH),
                    CONTROL.matcher(why).replaceAll(" "));
        }
        Map<String, String> headers = new LinkedHashMap<>(answer.headers());
        headers.put(REQUEST_ID, id);
        return new ErrorResponse(answer.status(), headers, answer.message(), answer.body());
    }

    /** A client may choose it, but no text of its own. */
    private static String id(PolicyRequest request) {
        List<String> told = request.headers(REQUEST_ID);
        if (told.size() == 1 && ID.matcher(told.get(0)).matches()) {
            return told.get(0);
        }
        // A name, no secret: it may be cheap, and has the form of RFC 9562 section 5.4.
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = (random.nextLong() & 0xffff_ffff_ffff_0fffL) | 0x4000L;
        long low = (random.nextLong() >>> 2) | Long.MIN_VALUE;
        return new UUID(high, low).toString();
    }

    private static String shown(String text, int length) {
        String looked = text.length() > LONGEST_LOOKED_AT ? text.substring(0, LONGEST_LOOKED_AT) : text;
        String shown = UNPRINTABLE
                .matcher(SECRET.matcher(looked).replaceAll("<redacted>"))
                .replaceAll("?");
        return shown.length() <= length ? shown : shown.substring(0, length) + "...";
    }

    /** How many had no line since the last one that had; negative where there is none for this one. */
    private synchronized int next() {
        long now = System.nanoTime();
        if (now - begun >= TimeUnit.SECONDS.toNanos(1)) {
            begun = now;
            lines = 0;
        }
        if (lines == PER_SECOND) {
            missed++;
            return -1;
        }
        lines++;
        int before = missed;
        missed = 0;
        return before;
    }
}

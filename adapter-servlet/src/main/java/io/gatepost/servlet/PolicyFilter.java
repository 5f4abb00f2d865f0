package io.gatepost.servlet;

import io.gatepost.policy.Decision;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.forward.RejectedRequestException;
import io.gatepost.policy.forward.RequestBody;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.log.DenialLog;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets requests through that the policies allow, and answers the others. What it lets through has lost its verified
 * credentials: nothing behind it sees them in headers, cookies, query or parameters. The verified token is the
 * request's attribute {@link #TOKEN_ATTRIBUTE}, its subject the name of the user principal. A body that rules judge is
 * read whole before, and can be read again after, its parts too.
 *
 * <p>A request whose path the container reads otherwise than the rules do is refused with 400: with path parameters
 * ({@code ;}) or empty segments where the container drops them, or with an encoded character that means the same to the
 * container as the plain one, such as {@code %2F} or {@code %3A}. So is one whose content type names an unknown
 * charset.
 *
 * <p>A request is judged once, before its first dispatch that the filter is mapped to; dispatches that follow from it
 * pass, still without the credentials. Several filters in a row judge one after the other: a later one's rules see the
 * token that an earlier one verified. Where a decision takes its time, as while a key is fetched, the request's thread
 * waits for it, and the chain goes on within the same dispatch. After 30 seconds without a decision the answer is 503;
 * where judging fails, it is 500, and the place is logged. Thread-safe.
 *
 * <p>Registered as an object with an engine, or by class name with these init-params: {@code policyFile}, the path of a
 * file of policies; {@code expressionCompiler}, the class name of the compiler for its expressions, such as
 * {@code io.gatepost.policy.cel.CelExpressionCompiler}; {@code bodyLimit} in bytes; {@code trustedProxies}, networks
 * and addresses with commas between. All but the first are optional.
 *
 * <p>Who the client is, source address, scheme and host, is settled by the connection or by a trusted proxy in front.
 * Behind the filter the request says so, and its {@code X-Forwarded-*} and {@code Forwarded} headers are those that an
 * upstream will get, whatever the client sent. Each refusal gets a line in the log, which names the filter
 * ({@link DenialLog}).
 */
public final class PolicyFilter implements Filter {
    /** The request attribute that holds the {@link VerifiedToken}; absent where a request had no token. */
    public static final String TOKEN_ATTRIBUTE = "io.gatepost.policy.VerifiedToken";

    private static final String ALLOWED = PolicyFilter.class.getName() + ".allowed";
    private static final String BODY_LIMIT = PolicyFilter.class.getName() + ".bodyLimit";
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final ErrorResponse UNDECIDED =
            ErrorResponse.of(503, "decision_timeout", "the request could not be judged in time");
    private static final ErrorResponse FAULT =
            ErrorResponse.of(500, "internal_error", "the request could not be judged");
    private static final Logger LOG = LoggerFactory.getLogger(PolicyFilter.class);

    /** Of this filter alone: another one behind it judges for itself. */
    private final String judged = PolicyFilter.class.getName() + ".judged." + System.identityHashCode(this);

    private final Duration wait;
    private @Nullable ConfiguredEngine configured;
    private @Nullable PolicyEngine engine;
    private int bodyLimit;
    private TrustedProxies proxies;
    private DenialLog log = new DenialLog("-");

    /** For containers, which configure it by init-params. */
    public PolicyFilter() {
        this(null, RequestBody.DEFAULT_LIMIT, TrustedProxies.NONE, WAIT);
    }

    /**
     * Guards what it is mapped to.
     *
     * @param engine what decides; stays the caller's to close
     */
    public PolicyFilter(PolicyEngine engine) {
        this(Objects.requireNonNull(engine, "engine"), RequestBody.DEFAULT_LIMIT, TrustedProxies.NONE, WAIT);
    }

    PolicyFilter(@Nullable PolicyEngine engine, int bodyLimit, TrustedProxies proxies, Duration wait) {
        this.engine = engine;
        this.proxies = Objects.requireNonNull(proxies, "proxies");
        this.wait = wait;
        this.bodyLimit = positive(bodyLimit);
    }

    static int positive(int limit) {
        if (limit <= 0) {
            throw new IllegalArgumentException("a body limit is positive");
        }
        return limit;
    }

    /**
     * The same guard with another limit for bodies that rules judge, or that an {@link LlmForwardingServlet} behind it
     * changes.
     *
     * @param bytes how large a body may be, before and after its encoding is removed; {@link RequestBody#DEFAULT_LIMIT}
     *     otherwise
     * @return a new filter
     * @throws IllegalArgumentException where the limit is not positive
     */
    public PolicyFilter withBodyLimit(int bytes) {
        return new PolicyFilter(engine, bytes, proxies, wait);
    }

    /**
     * The same guard behind proxies.
     *
     * @param trusted whose {@code X-Forwarded-*} headers say who the client is; {@link TrustedProxies#NONE} otherwise
     * @return a new filter
     */
    public PolicyFilter withTrustedProxies(TrustedProxies trusted) {
        return new PolicyFilter(engine, bodyLimit, trusted, wait);
    }

    /**
     * What the last policy in front said of a request.
     *
     * @param request the request
     * @return the decision with the verified token; null where no policy has judged the request
     */
    public static Decision.@Nullable Allow allowed(ServletRequest request) {
        return request.getAttribute(ALLOWED) instanceof Decision.Allow allow ? allow : null;
    }

    /** How large a body may be that is read, by the last policy in front. */
    static int bodyLimit(ServletRequest request) {
        return request.getAttribute(BODY_LIMIT) instanceof Integer told ? told : RequestBody.DEFAULT_LIMIT;
    }

    /**
     * Takes the filter's name for the log, and reads the init-params where no engine was given.
     *
     * @throws ServletException where they are wrong, with every mistake of the policy file
     */
    @Override
    public void init(FilterConfig config) throws ServletException {
        if (config.getFilterName() != null) {
            log = new DenialLog(config.getFilterName());
        }
        if (engine == null) {
            configured = ConfiguredEngine.of(config);
            engine = configured.engine();
            bodyLimit = configured.bodyLimit();
            proxies = configured.proxies();
        }
    }

    /** Closes what {@link #init} has opened. */
    @Override
    public void destroy() {
        if (configured != null) {
            configured.close();
            configured = null;
            engine = null;
        }
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest came) || !(response instanceof HttpServletResponse answer)) {
            throw new ServletException("only HTTP requests can be judged");
        }
        if (came.getAttribute(judged) instanceof GuardedRequest guarded) {
            guarded.passOn(came, answer, chain);
            return;
        }
        HttpServletRequest asked = ClientRequest.of(came, proxies);
        AwaitedDecision awaited = new AwaitedDecision(asked, bodyLimit);
        Decision.Allow allow = allow(awaited, asked, answer);
        if (allow != null) {
            GuardedRequest guarded = new GuardedRequest(asked, allow, proxies, awaited.body());
            guarded.setAttribute(judged, guarded);
            guarded.setAttribute(ALLOWED, allow);
            guarded.setAttribute(BODY_LIMIT, bodyLimit);
            if (allow.token() != null) {
                guarded.setAttribute(TOKEN_ATTRIBUTE, allow.token());
            }
            guarded.passOn(guarded, answer, chain);
        }
    }

    /** Null where the request may not go on, and is answered. */
    private Decision.@Nullable Allow allow(
            AwaitedDecision awaited, HttpServletRequest asked, HttpServletResponse answer) throws IOException {
        PolicyEngine decides = Objects.requireNonNull(engine, "the filter was not initialized");
        PolicyRequest refused = new ServletPolicyRequest(asked);
        ErrorResponse refusal;
        boolean interrupted = false;
        try {
            Decision decision = awaited.decide(decides, allowed(asked), wait);
            if (decision instanceof Decision.Allow allow) {
                return allow;
            }
            refusal = log.denied(refused, (Decision.Deny) decision);
        } catch (RejectedRequestException e) {
            refusal = log.refused(refused, e.response());
        } catch (TimeoutException e) {
            refusal = log.refused(refused, UNDECIDED);
        } catch (InterruptedException e) {
            refusal = log.refused(refused, UNDECIDED);
            interrupted = true;
        } catch (ExecutionException e) {
            refusal = fault(e.getCause() == null ? e : e.getCause());
        } catch (RuntimeException | Error e) {
            refusal = fault(e);
        }
        Responses.send(asked, answer, refusal);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    /** Its message is left out, since nobody can say what it quotes. */
    private static ErrorResponse fault(Throwable fault) {
        StackTraceElement[] trace = fault.getStackTrace();
        LOG.error(
                "a request was refused, since judging it failed: {} at {}",
                fault.getClass().getName(),
                trace.length == 0 ? "an unknown place" : trace[0]);
        return FAULT;
    }
}

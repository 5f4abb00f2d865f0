package io.gatepost.servlet;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RequestBody;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests through that the policies allow, and answers the others. What it lets through has lost its verified
 * credentials: nothing behind it sees them in headers, cookies, query or parameters. The verified token is the
 * request's attribute {@link #TOKEN_ATTRIBUTE}, its subject the name of the user principal. A body that rules judge is
 * read whole before, and can be read again after.
 *
 * <p>A request is judged once, before its first dispatch that the filter is mapped to; dispatches that follow from it
 * pass, still without the credentials. Several filters in a row judge one after the other: a later one's rules see the
 * token that an earlier one verified. Where a key has to be fetched first, the request waits without a thread if all in
 * its chain supports that ({@code asyncSupported}), otherwise with one. Thread-safe.
 *
 * <p>Registered as an object with an engine, or by class name with these init-params: {@code policyFile}, the path of a
 * file of policies; {@code expressionCompiler}, the class name of the compiler for its expressions, such as
 * {@code io.gatepost.policy.cel.CelExpressionCompiler}; {@code bodyLimit} in bytes. All but the first are optional.
 */
public final class PolicyFilter implements Filter {
    /** The request attribute that holds the {@link VerifiedToken}; absent where a request had no token. */
    public static final String TOKEN_ATTRIBUTE = VerifiedToken.class.getName();

    private static final String ALLOWED = PolicyFilter.class.getName() + ".allowed";

    /** Of this filter alone: another one behind it judges for itself. */
    private final String judged = PolicyFilter.class.getName() + ".judged." + System.identityHashCode(this);

    private @Nullable ConfiguredEngine configured;
    private @Nullable PolicyEngine engine;
    private int bodyLimit;

    /** For containers, which configure it by init-params. */
    public PolicyFilter() {
        this(null, RequestBody.DEFAULT_LIMIT);
    }

    /**
     * Guards what it is mapped to.
     *
     * @param engine what decides; stays the caller's to close
     */
    public PolicyFilter(PolicyEngine engine) {
        this(Objects.requireNonNull(engine, "engine"), RequestBody.DEFAULT_LIMIT);
    }

    private PolicyFilter(@Nullable PolicyEngine engine, int bodyLimit) {
        this.engine = engine;
        this.bodyLimit = positive(bodyLimit);
    }

    private static int positive(int limit) {
        if (limit <= 0) {
            throw new IllegalArgumentException("a body limit is positive");
        }
        return limit;
    }

    /**
     * The same guard with another limit for bodies that rules judge.
     *
     * @param bytes how large a body may be, before and after its encoding is removed; {@link RequestBody#DEFAULT_LIMIT}
     *     otherwise
     * @return a new filter
     * @throws IllegalArgumentException where the limit is not positive
     */
    public PolicyFilter withBodyLimit(int bytes) {
        return new PolicyFilter(engine, bytes);
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

    /**
     * Reads the init-params where no engine was given.
     *
     * @throws ServletException where they are wrong, with every mistake of the policy file
     */
    @Override
    public void init(FilterConfig config) throws ServletException {
        if (engine == null) {
            configured = ConfiguredEngine.of(config);
            engine = configured.engine();
            bodyLimit = configured.bodyLimit();
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
        if (!(request instanceof HttpServletRequest asked) || !(response instanceof HttpServletResponse answer)) {
            throw new ServletException("only HTTP requests can be judged");
        }
        if (asked.getAttribute(judged) instanceof GuardedRequest guarded) {
            chain.doFilter(guarded.over(asked, answer), answer);
            return;
        }
        try {
            judge(asked, answer, chain);
        } catch (RejectedBodyException e) {
            Responses.send(asked, answer, e.response());
        }
    }

    private void judge(HttpServletRequest asked, HttpServletResponse answer, FilterChain chain)
            throws IOException, ServletException, RejectedBodyException {
        PolicyEngine decides = Objects.requireNonNull(engine, "the filter was not initialized");
        RequestBytes body = decides.readsBody() ? RequestBytes.read(asked, bodyLimit) : null;
        PolicyRequest request = new ServletPolicyRequest(asked, body == null ? null : body.decoded(bodyLimit));
        GuardedRequest guarded = new GuardedRequest(asked, answer, body == null ? null : body.asTheyCame());
        Decision.Allow earlier = allowed(asked);
        CompletionStage<Decision> stage =
                earlier == null ? decides.decideAsync(request) : decides.decideAsync(request, earlier);
        CompletableFuture<Decision> decision = stage.toCompletableFuture();
        if (decision.isDone() || !asked.isAsyncSupported() || asked.isAsyncStarted()) {
            if (enforce(decision.join(), guarded, answer)) {
                chain.doFilter(guarded, answer);
            }
        } else {
            // The container goes on with the guarded request, whether or not this filter is mapped to that dispatch.
            AsyncContext waiting = asked.startAsync(guarded, answer);
            waiting.setTimeout(0);
            stage.whenComplete((made, bug) -> resume(waiting, made, guarded, answer));
        }
    }

    private void resume(
            AsyncContext waiting, @Nullable Decision made, GuardedRequest guarded, HttpServletResponse answer) {
        try {
            if (made == null) {
                answer.setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
                waiting.complete();
            } else if (enforce(made, guarded, answer)) {
                waiting.dispatch();
            } else {
                waiting.complete();
            }
        } catch (IOException e) {
            // The client is gone.
            waiting.complete();
        }
    }

    /** Whether the request may go on; otherwise it is answered. */
    private boolean enforce(Decision decision, GuardedRequest guarded, HttpServletResponse answer) throws IOException {
        if (decision instanceof Decision.Deny deny) {
            Responses.send(guarded, answer, deny.response());
            return false;
        }
        Decision.Allow allow = (Decision.Allow) decision;
        guarded.allow(allow);
        guarded.setAttribute(judged, guarded);
        guarded.setAttribute(ALLOWED, allow);
        if (allow.token() != null) {
            guarded.setAttribute(TOKEN_ATTRIBUTE, allow.token());
        }
        return true;
    }
}

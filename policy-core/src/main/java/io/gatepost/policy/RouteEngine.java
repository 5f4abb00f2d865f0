package io.gatepost.policy;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.request.Credential;
import io.gatepost.policy.token.TokenCacheState;
import io.gatepost.policy.token.TokenExamination;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides on the requests of a route in one call: the policies before routing judge first, and those after routing
 * judge what the first ones allowed. The second phase sees the request without the credentials that the first one
 * verified, and its rules see that token where it verifies none of its own. A phase without policies is not asked and
 * costs nothing.
 *
 * <p>{@link RouteEngines} makes them, one for all routes with the same policies. Immutable and thread-safe. Whoever
 * built the engines closes them; a decision under way goes on.
 */
public final class RouteEngine {
    private final @Nullable PolicyEngine preRouting;
    private final @Nullable PolicyEngine postRouting;
    private final RoutePolicies.@Nullable Closure closure;
    private final DecisionListener.@Nullable DecidedBy closed;
    private final List<DecisionListener> listeners;

    RouteEngine(
            @Nullable PolicyEngine preRouting,
            @Nullable PolicyEngine postRouting,
            RoutePolicies.@Nullable Closure closure,
            List<DecisionListener> listeners) {
        this.preRouting = preRouting;
        this.postRouting = postRouting;
        this.closure = closure;
        this.listeners = List.copyOf(listeners);
        closed = closure == null ? null : new DecisionListener.DecidedBy(closure.policy(), null);
    }

    /**
     * A route with one phase, for hosts that have no routing of their own.
     *
     * @param engine what decides; stays the caller's to close
     * @return an engine that decides as the given one does
     */
    public static RouteEngine of(PolicyEngine engine) {
        return new RouteEngine(null, Objects.requireNonNull(engine, "engine"), null, List.of());
    }

    /**
     * What each phase said of a request.
     *
     * @param preRouting what was decided before routing; null where no policy applies there
     * @param postRouting what was decided after routing; null where no policy applies there, or where the request was
     *     refused before
     * @param decision what the two come to: the first refusal, or what the last phase allowed
     */
    public record Phases(
            @Nullable Decision preRouting, @Nullable Decision postRouting, Decision decision) {
        public Phases {
            Objects.requireNonNull(decision, "decision");
        }
    }

    /**
     * Judges a request. Waits where a token names a key that is just being fetched; event loops use
     * {@link #decideAsync(PolicyRequest)}. Throws what {@link PolicyEngine#decide(PolicyRequest)} does.
     *
     * @param request the request as it will be sent on, with its body where {@link #readsBody()} says so
     * @return allow, with the credentials of both phases to strip, or the refusal of the first phase that refuses
     */
    public Decision decide(PolicyRequest request) {
        return decideByPhase(request, null).decision();
    }

    /**
     * Judges a request that was allowed before, as by claims that are given in place of a token.
     *
     * @param request the request as in {@link #decide(PolicyRequest)}
     * @param earlier what was allowed before; null for nothing
     * @return as {@link #decide(PolicyRequest)}
     */
    public Decision decide(PolicyRequest request, Decision.@Nullable Allow earlier) {
        return decideByPhase(request, earlier).decision();
    }

    /**
     * Judges a request and tells each phase's decision, for tools that explain.
     *
     * @param request the request as in {@link #decide(PolicyRequest)}
     * @param earlier what was allowed before; null for nothing
     * @return the decisions
     */
    public Phases decideByPhase(PolicyRequest request, Decision.@Nullable Allow earlier) {
        Decision.Allow before = earlier == null ? PolicyEngine.NO_EARLIER_PHASE : earlier;
        Decision first = preRouting == null ? null : preRouting.decide(request, before);
        if (isClosed(Phase.PRE_ROUTING) && !(first instanceof Decision.Deny)) {
            Decision.Deny refused = refuse(request, first);
            return new Phases(refused, null, refused);
        }
        if (first instanceof Decision.Deny) {
            return new Phases(first, null, first);
        }
        Decision.Allow allowed = first == null ? before : (Decision.Allow) first;
        Decision second = postRouting == null ? null : postRouting.decide(after(request, allowed), allowed);
        if (isClosed(Phase.POST_ROUTING) && !(second instanceof Decision.Deny)) {
            second = refuse(request, second == null ? allowed : second);
        }
        return new Phases(first, second, second == null ? allowed : second);
    }

    /**
     * Judges a request without ever blocking.
     *
     * @param request the request as in {@link PolicyEngine#decideAsync(PolicyRequest)}
     * @return as {@link #decide(PolicyRequest)}; complete already but in the cases that
     *     {@link PolicyEngine#decideAsync(PolicyRequest)} names
     */
    public CompletionStage<Decision> decideAsync(PolicyRequest request) {
        return decideAsync(request, null, null);
    }

    /**
     * Judges a request whose body is read only once its credential has passed, and only where a rule looks at it: the
     * way for adapters. Never blocks but where the body's source does.
     *
     * @param request the request as in {@link PolicyEngine#decideAsync(PolicyRequest)}; its {@link PolicyRequest#body}
     *     is not asked
     * @param body where the body comes from; asked once at most, also where both phases look at it
     * @return as {@link #decideAsync(PolicyRequest)}, or a stage that fails with what {@code body} failed with
     */
    public CompletionStage<Decision> decideAsync(PolicyRequest request, BodySource body) {
        return decideAsync(request, null, body);
    }

    /**
     * Judges a request that was allowed before, with its body as in {@link #decideAsync(PolicyRequest, BodySource)}.
     *
     * @param request the request
     * @param earlier what was allowed before; null for nothing
     * @param body where the body comes from; null where the request has it
     * @return as {@link #decideAsync(PolicyRequest, BodySource)}
     */
    public CompletionStage<Decision> decideAsync(
            PolicyRequest request, Decision.@Nullable Allow earlier, @Nullable BodySource body) {
        Decision.Allow before = earlier == null ? PolicyEngine.NO_EARLIER_PHASE : earlier;
        if (preRouting == null) {
            return decideLate(request, before, body);
        }
        // The second phase reads what the first one has read.
        BodySource once = body == null || postRouting == null ? body : new ReadOnce(body);
        CompletableFuture<Decision> first =
                ask(preRouting, request, before, once).toCompletableFuture();
        return isThere(first)
                ? decideNext(request, first.join(), once)
                : first.thenCompose(decision -> decideNext(request, decision, once));
    }

    private static boolean isThere(CompletableFuture<Decision> decision) {
        return decision.isDone() && !decision.isCompletedExceptionally();
    }

    private CompletionStage<Decision> decideNext(PolicyRequest request, Decision first, @Nullable BodySource body) {
        return first instanceof Decision.Allow allowed
                ? decideLate(after(request, allowed), allowed, body)
                : CompletableFuture.completedFuture(first);
    }

    private CompletionStage<Decision> decideLate(
            PolicyRequest request, Decision.Allow allowed, @Nullable BodySource body) {
        CompletionStage<Decision> second = postRouting == null
                ? CompletableFuture.completedFuture(allowed)
                : ask(postRouting, request, allowed, body);
        return closure == null
                ? second
                : second.thenApply(
                        decision -> decision instanceof Decision.Deny ? decision : refuse(request, decision));
    }

    private static CompletionStage<Decision> ask(
            PolicyEngine engine, PolicyRequest request, Decision.Allow earlier, @Nullable BodySource body) {
        return body == null ? engine.decideAsync(request, earlier) : engine.decideAsync(request, earlier, body);
    }

    /** What is left of a request behind a phase. */
    private static PolicyRequest after(PolicyRequest request, Decision.Allow allowed) {
        return Credential.without(request, allowed.credentials());
    }

    private boolean isClosed(Phase phase) {
        return closure != null && closure.phase() == phase;
    }

    private Decision.Deny refuse(PolicyRequest request, @Nullable Decision allowed) {
        Decision.Deny deny = Objects.requireNonNull(closure).deny();
        DecisionListener.DecidedBy by = Objects.requireNonNull(closed);
        PolicyRequest judged = allowed instanceof Decision.Allow allow ? after(request, allow) : request;
        for (DecisionListener listener : listeners) {
            listener.decided(judged, deny, Duration.ZERO, by);
        }
        return deny;
    }

    /** A body that two phases may ask for. Read by one thread at a time. */
    private static final class ReadOnce implements BodySource {
        private final BodySource source;
        private @Nullable CompletionStage<byte[]> read;

        ReadOnce(BodySource source) {
            this.source = source;
        }

        @Override
        public CompletionStage<byte[]> read() {
            CompletionStage<byte[]> known = read;
            if (known == null) {
                known = source.read();
                read = known;
            }
            return known;
        }
    }

    /**
     * Makes every check of a request's credential in one phase, as {@link PolicyEngine#examine} does.
     *
     * @param request the request as that phase judged it
     * @param phase the phase
     * @return the checks; none where no policy of the phase authenticates, or where it is never asked
     */
    public TokenExamination examine(PolicyRequest request, Phase phase) {
        PolicyEngine engine = engine(phase);
        return engine == null ? TokenExamination.NONE : engine.examine(request);
    }

    private @Nullable PolicyEngine engine(Phase phase) {
        return phase == Phase.PRE_ROUTING ? preRouting : postRouting;
    }

    private Stream<PolicyEngine> engines() {
        return Stream.of(preRouting, postRouting).filter(Objects::nonNull);
    }

    /**
     * Whether the policies of either phase look at the body.
     *
     * @return whether a {@link BodySource} may be asked, or {@link PolicyRequest#body} where there is none
     */
    public boolean readsBody() {
        return engines().anyMatch(PolicyEngine::readsBody);
    }

    /**
     * Whether the policies of a phase look at the body.
     *
     * @param phase the phase
     * @return as {@link #readsBody()}, for one phase
     */
    public boolean readsBody(Phase phase) {
        PolicyEngine engine = engine(phase);
        return engine != null && engine.readsBody();
    }

    /**
     * What the policies say doubtfully, such as a key that can't be used.
     *
     * @return the warnings of both phases, found when the engines were built
     */
    public List<Diagnostic> warnings() {
        return engines().flatMap(engine -> engine.warnings().stream()).toList();
    }

    /**
     * How the memories of verified tokens fare. Routes that share an engine share its memory: add up those of
     * {@link RouteEngines#tokenCache} instead of those of routes.
     *
     * @return the counts of both phases together, as they are now
     */
    public TokenCacheState tokenCache() {
        return engines().map(PolicyEngine::tokenCache).reduce(TokenCacheState.NONE, TokenCacheState::plus);
    }
}

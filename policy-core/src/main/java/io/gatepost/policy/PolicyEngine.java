package io.gatepost.policy;

import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.Diagnostic;
import io.gatepost.policy.model.InvalidPolicyException;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The policy decision point: judges requests by the policies that it was built from. Immutable and thread-safe; build
 * one per route and configuration, and swap it to reload; close the old one, which ends the reading of keys that no
 * other engine uses, and does not disturb decisions under way.
 */
public final class PolicyEngine implements AutoCloseable {
    private static final Decision.Allow NO_EARLIER_PHASE =
            new Decision.Allow(null, List.of(), new Explanation("no policy applies", List.of()));

    private final TokenExtractor extractor;
    private final TokenVerifier verifier;
    private final JwtMode mode;
    private final Authorizer authorizer;
    private final BearerChallenge challenge;
    private final List<DecisionListener> listeners;
    private final Set<String> reads;
    private final List<Diagnostic> warnings;

    private PolicyEngine(
            Builder builder,
            TokenExtractor extractor,
            TokenVerifier verifier,
            JwtMode mode,
            List<Rule> rules,
            List<Diagnostic> warnings) {
        this.extractor = extractor;
        this.verifier = verifier;
        this.mode = mode;
        authorizer = new Authorizer(rules);
        challenge = new BearerChallenge(builder.realm);
        listeners = List.copyOf(builder.listeners);
        Set<String> names = new TreeSet<>(extractor.reads());
        rules.forEach(rule -> names.addAll(rule.compiled().reads()));
        reads = Set.copyOf(names);
        this.warnings = List.copyOf(warnings);
    }

    /**
     * Starts an engine.
     *
     * @return a builder without policies
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Judges a request. Never throws for what a request holds.
     *
     * @param request the request as it will be sent on
     * @return allow or deny
     */
    public Decision decide(PolicyRequest request) {
        return decide(request, NO_EARLIER_PHASE);
    }

    /**
     * Judges a request that an earlier phase allowed. That phase's token serves the rules where this one demands none.
     * Waits where a token names a key that is just being fetched; event loops use {@link #decideAsync}.
     *
     * @param request the request as it will be sent on
     * @param earlier what the earlier phase said
     * @return allow, with the credentials of both phases to strip, or deny
     */
    public Decision decide(PolicyRequest request, Decision.Allow earlier) {
        return decideAsync(request, earlier).toCompletableFuture().join();
    }

    /**
     * Judges a request without ever blocking.
     *
     * @param request the request as it will be sent on; read by the caller's thread, and by another one afterwards only
     *     where a key had to be fetched
     * @return allow or deny; complete already unless a key had to be fetched
     */
    public CompletionStage<Decision> decideAsync(PolicyRequest request) {
        return decideAsync(request, NO_EARLIER_PHASE);
    }

    /**
     * Judges a request that an earlier phase allowed, without ever blocking.
     *
     * @param request the request as in {@link #decideAsync(PolicyRequest)}
     * @param earlier what the earlier phase said
     * @return as {@link #decide(PolicyRequest, Decision.Allow)}; complete already unless a key had to be fetched
     */
    public CompletionStage<Decision> decideAsync(PolicyRequest request, Decision.Allow earlier) {
        if (listeners.isEmpty()) {
            return judge(request, earlier);
        }
        long start = System.nanoTime();
        return judge(request, earlier).thenApply(decision -> {
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            listeners.forEach(listener -> listener.decided(request, decision, elapsed));
            return decision;
        });
    }

    /** The one straight line. */
    private CompletableFuture<Decision> judge(PolicyRequest request, Decision.Allow earlier) {
        String malformed = problem(request);
        if (malformed != null) {
            return CompletableFuture.completedFuture(
                    deny(DenyReason.REQUEST_MALFORMED, new Explanation(malformed, List.of())));
        }
        List<String> offered = extractor.extract(request);
        return verifier.verify(offered).thenApply(verification -> authorize(request, earlier, offered, verification));
    }

    /** What of the request two readers could read in two ways (DESIGN's difference 14); null where there is nothing. */
    private @Nullable String problem(PolicyRequest request) {
        String target = RequestTarget.problem(request.path());
        byte[] body = target == null && readsBody() ? request.body() : null;
        if (body != null) {
            try {
                if (NamedModel.isContradicted(request, StrictJson.BODY.object(body))) {
                    return "the query or the path names another model than the body";
                }
            } catch (StrictJson.DuplicateException e) {
                return "a member occurs twice in the body";
            } catch (StrictJson.MalformedException e) {
                // Not JSON: a rule that reads it as JSON fails, and another one may well read it.
            }
        }
        return target;
    }

    private Decision authorize(
            PolicyRequest request, Decision.Allow earlier, List<String> offered, Verification verification) {
        DenyReason refusal = verification.refusalIn(mode);
        if (refusal != null) {
            return deny(refusal, new Explanation(verification.detail(), List.of()));
        }
        VerifiedToken token = verification.token() == null ? earlier.token() : verification.token();
        List<Credential> verified = new ArrayList<>(earlier.credentials());
        if (verification.token() != null) {
            verified.add(new Credential(extractor.location(), offered.get(0)));
        }
        PolicyRequest judged = StrippedRequest.of(request, verified);
        Authorizer.Verdict verdict = authorizer.authorize(judged, token, verification.detail());
        return verdict.reason() == null
                ? new Decision.Allow(token, verified, verdict.explanation())
                : deny(verdict.reason(), verdict.explanation());
    }

    private Decision deny(DenyReason reason, Explanation explanation) {
        return new Decision.Deny(reason, challenge.of(reason), explanation);
    }

    /**
     * What the policies look at in a request: names as in {@link CompiledExpression#reads}.
     *
     * @return the names
     */
    public Set<String> reads() {
        return reads;
    }

    /**
     * Whether the policies look at the body. Only then an adapter reads it before it asks.
     *
     * @return whether {@link PolicyRequest#body} is called
     */
    public boolean readsBody() {
        return reads.contains("request.body") || reads.contains("llm");
    }

    /**
     * What the policies say doubtfully, such as a key that can't be used.
     *
     * @return the warnings found when the engine was built
     */
    public List<Diagnostic> warnings() {
        return warnings;
    }

    /** Gives back the sources of keys. Decisions go on with the keys last read. */
    @Override
    public void close() {
        verifier.close();
    }

    /** Collects what an engine is built from. Not thread-safe. */
    public static final class Builder {
        private final List<TrafficPolicy> policies = new ArrayList<>();
        private final List<DecisionListener> listeners = new ArrayList<>();
        private @Nullable ExpressionCompiler compiler;
        private @Nullable KeySources keys;
        private Clock clock = Clock.systemUTC();
        private String realm = "gatepost";

        private Builder() {}

        /**
         * Adds policies, least specific first. All their rules count; the last one's {@code jwtAuthentication} replaces
         * the earlier ones' (reference section 2.4). Their targets and phase are not looked at: who builds the engine
         * has chosen them.
         *
         * @param policies the policies
         * @return this
         */
        public Builder policies(List<TrafficPolicy> policies) {
            this.policies.addAll(policies);
            return this;
        }

        /**
         * Sets what compiles expressions; needed where a policy has any.
         *
         * @param compiler such as {@code new CelExpressionCompiler()}
         * @return this
         */
        public Builder expressions(ExpressionCompiler compiler) {
            this.compiler = compiler;
            return this;
        }

        /**
         * Sets what reads keys that are not written in a policy; needed where a provider has a file, a URL, a backend
         * or discovery. It stays the caller's to close, after the engine.
         *
         * @param sources such as {@code KeySources.create()}
         * @return this
         */
        public Builder keys(KeySources sources) {
            keys = Objects.requireNonNull(sources, "sources");
            return this;
        }

        /**
         * Sets the clock that {@code exp} and {@code nbf} are compared with; the system's otherwise.
         *
         * @param clock the clock
         * @return this
         */
        public Builder clock(Clock clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /**
         * Sets the realm of challenges; {@code gatepost} otherwise.
         *
         * @param realm printable ASCII without quotes and backslashes
         * @return this
         */
        public Builder realm(String realm) {
            this.realm = Objects.requireNonNull(realm, "realm");
            return this;
        }

        /**
         * Adds a listener that hears of every decision.
         *
         * @param listener the listener
         * @return this
         */
        public Builder listener(DecisionListener listener) {
            listeners.add(Objects.requireNonNull(listener, "listener"));
            return this;
        }

        /**
         * Compiles the policies.
         *
         * @return the engine
         * @throws InvalidPolicyException with every problem of every policy, where there is an error among them
         */
        public PolicyEngine build() {
            List<Diagnostic> found = new ArrayList<>();
            EffectivePolicy effective = EffectivePolicy.of(policies);
            TokenExtractor extractor = TokenExtractor.of(effective.jwtAuthentication(), compiler, found);
            TokenVerifier verifier = TokenVerifier.of(effective.jwtAuthentication(), clock, keys, found);
            List<Rule> rules = new ArrayList<>();
            effective
                    .authorizations()
                    .forEach((policy, authorization) -> rules.addAll(compile(policy, authorization, found)));
            if (found.stream().anyMatch(Diagnostic::isError)) {
                verifier.close();
                throw new InvalidPolicyException(found);
            }
            return new PolicyEngine(this, extractor, verifier, effective.mode(), rules, found);
        }

        private List<Rule> compile(TrafficPolicy policy, Authorization authorization, List<Diagnostic> found) {
            List<Rule> rules = new ArrayList<>();
            for (MatchExpression expression : authorization.matchExpressions()) {
                CompiledExpression compiled =
                        Expressions.compile(compiler, expression, ExpressionCompiler.ResultType.BOOLEAN, found);
                if (compiled != null) {
                    rules.add(new Rule(
                            policy.name(),
                            authorization.action(),
                            authorization.onEvaluationError(),
                            expression,
                            compiled));
                }
            }
            return rules;
        }
    }
}

package io.gatepost.policy;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.policy.request.Credential;
import io.gatepost.policy.request.JudgedRequest;
import io.gatepost.policy.request.RequestSyntax;
import io.gatepost.policy.token.TokenCacheState;
import io.gatepost.policy.token.TokenExamination;
import io.gatepost.policy.token.TokenVerifier;
import io.gatepost.policy.token.Verification;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The policy decision point: judges requests by the policies that it was built from. Immutable and thread-safe. Build
 * one for each {@link EffectivePolicy} of a configuration ({@link RouteEngines} does), and swap it to reload. Close the
 * old one: this ends the reading of keys that no other engine uses, and does not disturb decisions under way.
 */
public final class PolicyEngine implements AutoCloseable {
    static final Decision.Allow NO_EARLIER_PHASE =
            new Decision.Allow(null, List.of(), new Explanation("no policy applies", List.of()));

    private final TokenExtractor extractor;
    private final TokenVerifier verifier;
    private final JwtMode mode;
    private final Authorizer authorizer;
    private final BearerChallenge challenge;
    private final List<DecisionListener> listeners;
    private final Set<String> reads;
    private final Origin authenticationAt;
    private final Shadows shadows;
    private final List<Diagnostic> warnings;
    private final @Nullable Executor verifiers;
    private final Clock clock;
    private final boolean readsBody;
    private final boolean tokenInBody;
    private final EffectivePolicy policy;
    private final DecisionListener.DecidedBy decidedBy;

    private PolicyEngine(
            Builder builder,
            TokenExtractor extractor,
            TokenVerifier verifier,
            EffectivePolicy policy,
            List<Rule> rules,
            Shadows shadows,
            List<DecisionListener> listeners,
            List<Diagnostic> warnings) {
        this.shadows = shadows;
        this.extractor = extractor;
        this.verifier = verifier;
        mode = policy.mode();
        authenticationAt = policy.jwtAuthentication() == null
                ? Origin.CODE
                : policy.jwtAuthentication().origin();
        authorizer = new Authorizer(rules);
        challenge = builder.challenge();
        verifiers = builder.verifiers;
        clock = builder.clock;
        this.listeners = List.copyOf(listeners);
        Set<String> names = new TreeSet<>(extractor.reads());
        rules.forEach(rule -> names.addAll(rule.compiled().reads()));
        reads = Set.copyOf(names);
        readsBody = readsBody(reads);
        tokenInBody = readsBody(extractor.reads());
        this.warnings = List.copyOf(warnings);
        this.policy = policy;
        decidedBy = new DecisionListener.DecidedBy(
                policy.authenticating() == null ? null : policy.authenticating().name(), this);
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
     * Judges a request. Never throws for what a request holds; what a {@link DecisionListener} or an expression
     * compiler's own fault throws comes out as it was thrown.
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
        try {
            return decide(JudgedRequest.of(request), earlier, null).join();
        } catch (CompletionException e) {
            // A caller who waits need not know that others don't.
            if (e.getCause() instanceof RuntimeException fault) {
                throw fault;
            }
            if (e.getCause() instanceof Error fault) {
                throw fault;
            }
            throw e;
        }
    }

    /**
     * Judges a request without ever blocking.
     *
     * @param request the request as it will be sent on; read by the caller's thread, and by another one afterwards only
     *     where a key had to be fetched, the same token is just being verified for another request, or
     *     {@link Builder#verifyOn} says where else
     * @return allow or deny; complete already but in those cases
     */
    public CompletionStage<Decision> decideAsync(PolicyRequest request) {
        return decideAsync(request, NO_EARLIER_PHASE);
    }

    /**
     * Judges a request that an earlier phase allowed, without ever blocking.
     *
     * @param request the request as in {@link #decideAsync(PolicyRequest)}
     * @param earlier what the earlier phase said
     * @return as {@link #decide(PolicyRequest, Decision.Allow)}, when {@link #decideAsync(PolicyRequest)} says
     */
    public CompletionStage<Decision> decideAsync(PolicyRequest request, Decision.Allow earlier) {
        return decide(JudgedRequest.of(request), earlier, verifiers);
    }

    /**
     * Judges a request whose body is read only once its credential has passed, and only where a rule looks at it: the
     * way for adapters. Never blocks but where the body's source does.
     *
     * @param request the request as in {@link #decideAsync(PolicyRequest)}; its {@link PolicyRequest#body} is not asked
     * @param earlier what the earlier phase said; null where there was none
     * @param body where the body comes from
     * @return as {@link #decideAsync(PolicyRequest)}, or a stage that fails with what {@code body} failed with
     */
    public CompletionStage<Decision> decideAsync(
            PolicyRequest request, Decision.@Nullable Allow earlier, BodySource body) {
        return decide(JudgedRequest.of(request, body), earlier == null ? NO_EARLIER_PHASE : earlier, verifiers);
    }

    /** Without help of other threads but for keys, and without telling anyone. */
    CompletableFuture<Decision> decideHere(JudgedRequest request, Decision.Allow earlier, EvaluationContext context) {
        return judge(request, earlier, null, context);
    }

    private CompletableFuture<Decision> decide(
            JudgedRequest request, Decision.Allow earlier, @Nullable Executor elsewhere) {
        if (listeners.isEmpty()) {
            return judgeWithShadows(request, earlier, elsewhere);
        }
        long start = System.nanoTime();
        return judgeWithShadows(request, earlier, elsewhere).thenApply(decision -> {
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            listeners.forEach(listener -> listener.decided(request, decision, elapsed, decidedBy));
            return decision;
        });
    }

    private CompletableFuture<Decision> judgeWithShadows(
            JudgedRequest request, Decision.Allow earlier, @Nullable Executor elsewhere) {
        EvaluationContext context = earlier.context() == null ? new EvaluationContext(clock) : earlier.context();
        CompletableFuture<Decision> judged = judge(request, earlier, elsewhere, context);
        return shadows.engines().isEmpty()
                ? judged
                : judged.thenApply(decision -> shadows.told(decision, request, earlier, context.aside()));
    }

    /** The one straight line: syntax, credential, body, rules. */
    private CompletableFuture<Decision> judge(
            JudgedRequest request, Decision.Allow earlier, @Nullable Executor elsewhere, EvaluationContext context) {
        String malformed = RequestSyntax.problem(request.asItCame());
        if (malformed != null) {
            DenyReason reason = offersNoToken(request) ? DenyReason.TOKEN_MALFORMED : DenyReason.REQUEST_MALFORMED;
            return CompletableFuture.completedFuture(deny(reason, new Explanation(malformed, List.of())));
        }
        BodySource body = tokenInBody ? request.pendingBody() : null;
        return body == null
                ? verify(request, earlier, elsewhere, context)
                : request.read(body)
                        .thenCompose(read -> verify(request, earlier, elsewhere, context))
                        .toCompletableFuture();
    }

    private CompletableFuture<Decision> verify(
            JudgedRequest request, Decision.Allow earlier, @Nullable Executor elsewhere, EvaluationContext context) {
        List<String> offered = extractor.extract(request, context);
        CompletableFuture<Verification> verified = verifier.verify(offered, elsewhere);
        return readsBody()
                ? verified.thenCompose(verification -> withBody(request, earlier, offered, verification, context))
                : verified.thenApply(verification -> authorize(request, earlier, offered, verification, context));
    }

    /** Nothing of a body is looked at before the credential has passed. */
    private CompletionStage<Decision> withBody(
            JudgedRequest request,
            Decision.Allow earlier,
            List<String> offered,
            Verification verification,
            EvaluationContext context) {
        BodySource body = verification.refusalIn(mode) == null ? request.pendingBody() : null;
        return body == null
                ? CompletableFuture.completedFuture(authorize(request, earlier, offered, verification, context))
                : request.read(body).thenApply(read -> authorize(request, earlier, offered, verification, context));
    }

    /** Whether it is the credential that has what no token has, so that the client learns where to look. */
    private boolean offersNoToken(PolicyRequest request) {
        List<String> offered = extractor.location() instanceof TokenLocation.Header header
                ? request.headers(header.name())
                : List.of();
        return mode != JwtMode.PERMISSIVE && !offered.stream().allMatch(RequestSyntax::isFieldValue);
    }

    private Decision malformed(String problem) {
        return deny(DenyReason.REQUEST_MALFORMED, new Explanation(problem, List.of()));
    }

    /** What two readers could read in two ways (DESIGN's difference 14); null where there is nothing. */
    private @Nullable String contradiction(PolicyRequest request, EvaluationContext context) {
        boolean nothingToRead = !readsBody() || request.body() == null;
        return nothingToRead ? null : context.body().contradiction(request, context, reads.contains("llm"));
    }

    private Decision authorize(
            JudgedRequest request,
            Decision.Allow earlier,
            List<String> offered,
            Verification verification,
            EvaluationContext context) {
        DenyReason refusal = verification.refusalIn(mode);
        if (refusal != null) {
            return deny(refusal, new Explanation(verification.detail(), verification.provider(), List.of(), List.of()));
        }
        String contradiction = contradiction(request, context);
        if (contradiction != null) {
            return malformed(contradiction);
        }
        VerifiedToken token = verification.token() == null ? earlier.token() : verification.token();
        List<Credential> verified = verification.token() == null
                ? earlier.credentials()
                : with(earlier.credentials(), new Credential(extractor.location(), offered.get(0)));
        PolicyRequest judged = request.without(verified);
        Authorizer.Verdict verdict = authorizer.authorize(
                new Authorizer.Case(judged, token, verification.outcomes(), context), verification.detail());
        return verdict.reason() == null
                ? new Decision.Allow(token, verified, verdict.explanation(), context)
                : new Decision.Deny(verdict.reason(), challenge.of(verdict.reason()), token, verdict.explanation());
    }

    private static List<Credential> with(List<Credential> earlier, Credential credential) {
        if (earlier.isEmpty()) {
            return List.of(credential);
        }
        List<Credential> all = new ArrayList<>(earlier);
        all.add(credential);
        return all;
    }

    private Decision deny(DenyReason reason, Explanation explanation) {
        return new Decision.Deny(reason, challenge.of(reason), explanation);
    }

    /**
     * Makes every check of a request's credential and tells each, by the keys that are at hand. For explanations of a
     * decision that was made: decides nothing, waits for nothing.
     *
     * @param request the request as it was judged
     * @return the checks; none where no policy authenticates
     */
    public TokenExamination examine(PolicyRequest request) {
        List<String> offered = extractor.extract(request, new EvaluationContext(clock));
        return verifier.examine(offered, extractor.location(), authenticationAt);
    }

    /**
     * What this engine decides by.
     *
     * @return the effective policy that it was built from
     */
    public EffectivePolicy policy() {
        return policy;
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
     * Whether the policies look at the body.
     *
     * @return whether a {@link BodySource} is asked, or {@link PolicyRequest#body} where there is none
     */
    public boolean readsBody() {
        return readsBody;
    }

    private static boolean readsBody(Set<String> names) {
        return names.contains("request.body") || names.contains("llm");
    }

    /**
     * What the policies say doubtfully, such as a key that can't be used.
     *
     * @return the warnings found when the engine was built
     */
    public List<Diagnostic> warnings() {
        return warnings;
    }

    /**
     * How the memory of verified tokens fares.
     *
     * @return the counts as they are now
     */
    public TokenCacheState tokenCache() {
        return verifier.cacheState();
    }

    /** Gives back the sources of keys, and forgets verified tokens. Decisions go on with the keys last read. */
    @Override
    public void close() {
        verifier.close();
        shadows.close();
    }

    /** Collects what an engine is built from. Not thread-safe. */
    public static final class Builder {
        private final List<TrafficPolicy> policies = new ArrayList<>();
        private @Nullable EffectivePolicy effective;
        private Function<List<TrafficPolicy>, EffectivePolicy> targets = EffectivePolicy::alike;
        private final List<DecisionListener> listeners = new ArrayList<>();
        private @Nullable ExpressionCompiler compiler;
        private @Nullable KeySources keys;
        private Clock clock = Clock.systemUTC();
        private String realm = "gatepost";
        private @Nullable URI resourceMetadata;
        private int maxTokenLength = 16 * 1024;
        private int cachedTokens = 10_000;
        private @Nullable Executor verifiers;
        private Collection<String> redacted = Explanation.REDACTED;
        private boolean allowsEverything;

        private Builder() {}

        /**
         * Lets an engine be built without any policy that demands something. Nothing then is refused but what is no
         * request: for tests, and for routes that are open on purpose.
         *
         * @return this
         */
        public Builder allowingEverything() {
            allowsEverything = true;
            return this;
        }

        /**
         * Sets what was resolved from policies and targets, instead of a list of policies.
         *
         * @param policy the effective policy of one phase of one route
         * @return this
         */
        public Builder policy(EffectivePolicy policy) {
            effective = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Adds policies, least specific first. All their rules count; the last one's {@code jwtAuthentication} replaces
         * the earlier ones' (reference section 2.4). Their phase is not looked at. Where they have different targets,
         * {@link #forTarget} or {@link #ignoringTargets} must say which of them apply: a file often holds the policies
         * of several routes, and what lets a token into one must not let it into another.
         *
         * @param policies the policies
         * @return this
         */
        public Builder policies(List<TrafficPolicy> policies) {
            this.policies.addAll(policies);
            return this;
        }

        /**
         * Says what the engine guards: of the {@link #policies} only those apply that attach to one of these targets.
         *
         * @param leastSpecificFirst what a request meets on its way, such as the gateway and then the route;
         *     {@link PolicyTarget#parse} reads one from a setting
         * @return this
         */
        public Builder forTarget(PolicyTarget... leastSpecificFirst) {
            List<PolicyTarget> met = List.of(leastSpecificFirst);
            targets = given -> EffectivePolicy.of(met, given);
            return this;
        }

        /**
         * Lets all {@link #policies} apply to each request, whatever they target. A token that the policy of one route
         * lets in comes into all that the engine guards.
         *
         * @return this
         */
        public Builder ignoringTargets() {
            targets = EffectivePolicy::of;
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
         * or discovery. It stays the caller's to close, after the engine: keep it in a variable.
         *
         * @param sources what {@link KeySources#create} made, or {@link KeySources#builder}
         * @return this
         */
        public Builder keys(KeySources sources) {
            keys = Objects.requireNonNull(sources, "sources");
            return this;
        }

        /**
         * Sets the clock that {@code exp} and {@code nbf} are compared with, and that says when a request came:
         * {@code request.startTime} of expressions; the system's otherwise.
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
         * Sets where clients learn which authorization servers to ask for a token: {@code resource_metadata} of
         * challenges (RFC 9728 section 5.1); none otherwise.
         *
         * @param url the resource's metadata document, http or https
         * @return this
         */
        public Builder resourceMetadata(URI url) {
            resourceMetadata = Objects.requireNonNull(url, "url");
            return this;
        }

        /**
         * Sets how long a token may be; 16,384 characters otherwise. A longer one is malformed, whatever it holds.
         *
         * @param characters the greatest length, positive
         * @return this
         */
        public Builder maxTokenLength(int characters) {
            if (characters <= 0) {
                throw new IllegalArgumentException("maxTokenLength: expected a positive length");
            }
            maxTokenLength = characters;
            return this;
        }

        /**
         * Sets how many verified tokens are remembered, so that each is verified once; 10,000 otherwise. Their times
         * are compared with the clock at each use all the same, and they are verified again when a key set of their
         * issuer changes. Tokens of more than 1,024 characters count as several; of none the text is kept.
         *
         * @param tokens how many; 0: each token is verified each time
         * @return this
         */
        public Builder cachedTokens(int tokens) {
            if (tokens < 0) {
                throw new IllegalArgumentException("cachedTokens: expected 0 or more");
            }
            cachedTokens = tokens;
            return this;
        }

        /**
         * Sets where {@link PolicyEngine#decideAsync} has signatures checked that take longer than handing a request
         * over and back, so that tokens seen before do not wait for new ones on an event loop's thread; the caller's
         * thread otherwise. What an executor with a bounded queue rejects is denied as {@link DenyReason#OVERLOADED}: a
         * flood of forged tokens can't starve the others. Whoever calls {@link PolicyEngine#decide} checks by itself.
         *
         * @param executor the executor; stays the caller's to shut down
         * @return this
         */
        public Builder verifyOn(Executor executor) {
            verifiers = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Sets what {@link RuleOutcome#parts} does not show; {@link Explanation#REDACTED} otherwise. Credentials are
         * never shown, whatever is set.
         *
         * @param paths such as {@code jwt.email} or {@code request.headers.x-team}, in any case; what stands within one
         *     of them is not shown either
         * @return this
         */
        public Builder redact(Collection<String> paths) {
            redacted = List.copyOf(paths);
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

        List<DecisionListener> listeners() {
            return List.copyOf(listeners);
        }

        /**
         * Compiles the policies.
         *
         * @return the engine
         * @throws InvalidPolicyException with every problem of every policy, where there is an error among them; also
         *     where the {@link #policies} have different targets and nothing says which apply
         * @throws IllegalStateException where both an effective policy and a list of policies were given, or where
         *     nothing demands anything of a request and {@link #allowingEverything} was not called: an empty list is
         *     more often a file that was not read than the wish to let everybody in
         */
        public PolicyEngine build() {
            if (effective != null && !policies.isEmpty()) {
                throw new IllegalStateException("policy(...) and policies(...) exclude each other");
            }
            EffectivePolicy policy = effective == null ? targets.apply(List.copyOf(policies)) : effective;
            if (!allowsEverything && policy.demandsNothing()) {
                throw new IllegalStateException(
                        "no policy demands anything of a request, so that everybody would be let"
                                + " in: give one with `jwtAuthentication` or `authorization`, or say `allowingEverything()`"
                                + TargetedPolicies.passedOver(policies, policy));
            }
            List<Diagnostic> found = new ArrayList<>();
            PolicyEngine enforcing = build(policy, Shadows.NONE, listeners, found);
            return policy.shadows().isEmpty() ? enforcing : withShadows(policy, enforcing);
        }

        /** What is wrong with a policy in shadow is told, and stands in nobody's way. */
        private PolicyEngine withShadows(EffectivePolicy policy, PolicyEngine enforcing) {
            List<Shadows.Engine> engines = new ArrayList<>();
            List<Diagnostic> found = new ArrayList<>();
            for (TrafficPolicy shadow : policy.shadows()) {
                try {
                    PolicyEngine engine = build(policy.enforcing(shadow), Shadows.NONE, List.of(), new ArrayList<>());
                    if (engine.readsBody() && !enforcing.readsBody()) {
                        engine.close();
                        found.add(silent(shadow, "it reads the body, which no policy in force does"));
                    } else {
                        engines.add(new Shadows.Engine(shadow.name(), engine));
                    }
                } catch (InvalidPolicyException invalid) {
                    found.add(silent(shadow, String.valueOf(invalid.getMessage())));
                }
            }
            enforcing.close();
            return build(policy, new Shadows(engines), listeners, found);
        }

        private static Diagnostic silent(TrafficPolicy shadow, String why) {
            return Diagnostic.warning(shadow.origin(), "in shadow, and nothing is reported of it: " + why);
        }

        private PolicyEngine build(
                EffectivePolicy effective, Shadows shadows, List<DecisionListener> listeners, List<Diagnostic> found) {
            TokenExtractor extractor = TokenExtractor.of(effective.jwtAuthentication(), compiler, found);
            TokenVerifier verifier = TokenVerifier.of(
                    effective.jwtAuthentication(),
                    new TokenVerifier.Settings(clock, maxTokenLength, cachedTokens),
                    keys,
                    found);
            Redaction redaction = new Redaction(redacted, extractor);
            List<Rule> rules = new ArrayList<>();
            effective.authorizing().forEach(policy -> compile(policy, redaction, rules, found));
            if (found.stream().anyMatch(Diagnostic::isError)) {
                verifier.close();
                throw new InvalidPolicyException(found);
            }
            return new PolicyEngine(this, extractor, verifier, effective, rules, shadows, listeners, found);
        }

        private BearerChallenge challenge() {
            return new BearerChallenge(realm, resourceMetadata);
        }

        private void compile(TrafficPolicy policy, Redaction redaction, List<Rule> rules, List<Diagnostic> found) {
            Authorization authorization = Objects.requireNonNull(policy.authorization());
            for (MatchExpression expression : authorization.matchExpressions()) {
                CompiledExpression compiled =
                        Expressions.compile(compiler, expression, ExpressionCompiler.ResultType.BOOLEAN, found);
                if (compiled != null) {
                    rules.add(Rule.of(rules.size(), policy.name(), authorization, expression, compiled, redaction));
                }
            }
        }
    }
}

package io.gatepost.policy;

import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.TrafficPolicy;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What an engine is built from: the part of {@link PolicyEngine.Builder} that collects. Not thread-safe. */
abstract sealed class EngineSettings permits PolicyEngine.Builder {
    final List<TrafficPolicy> policies = new ArrayList<>();

    @Nullable
    EffectivePolicy effective;

    Function<List<TrafficPolicy>, EffectivePolicy> targets = EffectivePolicy::alike;
    final List<DecisionListener> listeners = new ArrayList<>();

    @Nullable
    ExpressionCompiler compiler;

    @Nullable
    KeySources keys;

    Clock clock = Clock.systemUTC();
    String realm = "gatepost";

    @Nullable
    URI resourceMetadata;

    int maxTokenLength = 16 * 1024;
    int cachedTokens = 10_000;

    @Nullable
    Executor verifiers;

    Collection<String> redacted = Explanation.REDACTED;
    boolean allowsEverything;

    EngineSettings() {}

    abstract PolicyEngine.Builder self();

    /**
     * Lets an engine be built without any policy that demands something. Nothing then is refused but what is no
     * request: for tests, and for routes that are open on purpose.
     *
     * @return this
     */
    public PolicyEngine.Builder allowingEverything() {
        allowsEverything = true;
        return self();
    }

    /**
     * Sets what was resolved from policies and targets, instead of a list of policies.
     *
     * @param policy the effective policy of one phase of one route
     * @return this
     */
    public PolicyEngine.Builder policy(EffectivePolicy policy) {
        effective = Objects.requireNonNull(policy, "policy");
        return self();
    }

    /**
     * Adds policies, least specific first. All their rules count; the last one's {@code jwtAuthentication} replaces the
     * earlier ones' ({@code docs/semantics.md#several-policies}). Their phase is not looked at. Where they have
     * different targets, {@link #forTarget} or {@link #ignoringTargets} must say which of them apply: a file often
     * holds the policies of several routes, and what lets a token into one must not let it into another.
     *
     * @param policies the policies
     * @return this
     */
    public PolicyEngine.Builder policies(List<TrafficPolicy> policies) {
        this.policies.addAll(policies);
        return self();
    }

    /**
     * Says what the engine guards: of the {@link #policies} only those apply that attach to one of these targets.
     *
     * @param leastSpecificFirst what a request meets on its way, such as the gateway and then the route;
     *     {@link PolicyTarget#parse} reads one from a setting
     * @return this
     */
    public PolicyEngine.Builder forTarget(PolicyTarget... leastSpecificFirst) {
        List<PolicyTarget> met = List.of(leastSpecificFirst);
        targets = given -> EffectivePolicy.of(met, given);
        return self();
    }

    /**
     * Lets all {@link #policies} apply to each request, whatever they target. A token that the policy of one route lets
     * in comes into all that the engine guards.
     *
     * @return this
     */
    public PolicyEngine.Builder ignoringTargets() {
        targets = EffectivePolicy::of;
        return self();
    }

    /**
     * Sets what compiles expressions; needed where a policy has any.
     *
     * @param compiler such as {@code new CelExpressionCompiler()}
     * @return this
     */
    public PolicyEngine.Builder expressions(ExpressionCompiler compiler) {
        this.compiler = compiler;
        return self();
    }

    /**
     * Sets what reads keys that are not written in a policy; needed where a provider has a file, a URL, a backend or
     * discovery. It stays the caller's to close, after the engine: keep it in a variable.
     *
     * @param sources what {@link KeySources#create} made, or {@link KeySources#builder}
     * @return this
     */
    public PolicyEngine.Builder keys(KeySources sources) {
        keys = Objects.requireNonNull(sources, "sources");
        return self();
    }

    /**
     * Sets the clock that {@code exp} and {@code nbf} are compared with, and that says when a request came:
     * {@code request.startTime} of expressions; the system's otherwise.
     *
     * @param clock the clock
     * @return this
     */
    public PolicyEngine.Builder clock(Clock clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
        return self();
    }

    /**
     * Sets the realm of challenges; {@code gatepost} otherwise.
     *
     * @param realm printable ASCII without quotes and backslashes
     * @return this
     */
    public PolicyEngine.Builder realm(String realm) {
        this.realm = Objects.requireNonNull(realm, "realm");
        return self();
    }

    /**
     * Sets where clients learn which authorization servers to ask for a token: {@code resource_metadata} of challenges
     * (RFC 9728 section 5.1); none otherwise.
     *
     * @param url the resource's metadata document, http or https
     * @return this
     */
    public PolicyEngine.Builder resourceMetadata(URI url) {
        resourceMetadata = Objects.requireNonNull(url, "url");
        return self();
    }

    /**
     * Sets how long a token may be; 16,384 characters otherwise. A longer one is malformed, whatever it holds.
     *
     * @param characters the greatest length, positive
     * @return this
     */
    public PolicyEngine.Builder maxTokenLength(int characters) {
        if (characters <= 0) {
            throw new IllegalArgumentException("maxTokenLength: expected a positive length");
        }
        maxTokenLength = characters;
        return self();
    }

    /**
     * Sets how many verified tokens are remembered, so that each is verified once; 10,000 otherwise. Their times are
     * compared with the clock at each use all the same, and they are verified again when a key set of their issuer
     * changes. Tokens of more than 1,024 characters count as several; of none the text is kept.
     *
     * @param tokens how many; 0: each token is verified each time
     * @return this
     */
    public PolicyEngine.Builder cachedTokens(int tokens) {
        if (tokens < 0) {
            throw new IllegalArgumentException("cachedTokens: expected 0 or more");
        }
        cachedTokens = tokens;
        return self();
    }

    /**
     * Sets where {@link PolicyEngine#decideAsync} has signatures checked that take longer than handing a request over
     * and back, so that tokens seen before do not wait for new ones on an event loop's thread; the caller's thread
     * otherwise. What an executor with a bounded queue rejects is denied as {@link DenyReason#OVERLOADED}: a flood of
     * forged tokens can't starve the others. Whoever calls {@link PolicyEngine#decide} checks by itself.
     *
     * @param executor the executor; stays the caller's to shut down
     * @return this
     */
    public PolicyEngine.Builder verifyOn(Executor executor) {
        verifiers = Objects.requireNonNull(executor, "executor");
        return self();
    }

    /**
     * Sets what {@link RuleOutcome#parts} does not show; {@link Explanation#REDACTED} otherwise. Credentials are never
     * shown, whatever is set.
     *
     * @param paths such as {@code jwt.email} or {@code request.headers.x-team}, in any case; what stands within one of
     *     them is not shown either
     * @return this
     */
    public PolicyEngine.Builder redact(Collection<String> paths) {
        redacted = List.copyOf(paths);
        return self();
    }

    /**
     * Adds a listener that hears of every decision.
     *
     * @param listener the listener
     * @return this
     */
    public PolicyEngine.Builder listener(DecisionListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
        return self();
    }

    /** Who hears of decisions so far. */
    List<DecisionListener> listeners() {
        return List.copyOf(listeners);
    }
}

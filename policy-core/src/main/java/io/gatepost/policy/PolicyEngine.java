package io.gatepost.policy;

import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.expression.CompiledExpression;
import io.gatepost.policy.request.JudgedRequest;
import io.gatepost.policy.token.TokenCacheState;
import io.gatepost.policy.token.TokenExamination;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The policy decision point: judges requests by the policies that it was built from. Immutable and thread-safe. Build
 * one for each {@link EffectivePolicy} of a configuration ({@link RouteEngines} does), and swap it to reload. Close the
 * old one: this ends the reading of keys that no other engine uses, and does not disturb decisions under way.
 */
public final class PolicyEngine implements AutoCloseable {
    static final Decision.Allow NO_EARLIER_PHASE =
            new Decision.Allow(null, List.of(), new Explanation("no policy applies", List.of()));

    private final DecisionLine line;
    private final ReportedLine reported;
    private final List<Diagnostic> warnings;
    private final @Nullable Executor verifiers;

    PolicyEngine(EngineSettings settings, DecisionLine line, Shadows shadows, List<Diagnostic> warnings) {
        this.line = line;
        reported = new ReportedLine(this, line, shadows, settings);
        this.warnings = List.copyOf(warnings);
        verifiers = settings.verifiers;
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
        return reported.decideNow(JudgedRequest.of(request), earlier);
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
        return reported.decide(JudgedRequest.of(request), earlier, verifiers);
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
        Decision.Allow before = earlier == null ? NO_EARLIER_PHASE : earlier;
        return reported.decide(JudgedRequest.of(request, body), before, verifiers);
    }

    /**
     * Makes every check of a request's credential and tells each, by the keys that are at hand. For explanations of a
     * decision that was made: decides nothing, waits for nothing.
     *
     * @param request the request as it was judged
     * @return the checks; none where no policy authenticates
     */
    public TokenExamination examine(PolicyRequest request) {
        return line.examine(request);
    }

    /**
     * What this engine decides by.
     *
     * @return the effective policy that it was built from
     */
    public EffectivePolicy policy() {
        return line.policy();
    }

    /**
     * What the policies look at in a request: names as in {@link CompiledExpression#reads}.
     *
     * @return the names
     */
    public Set<String> reads() {
        return line.reads();
    }

    /**
     * Whether the policies look at the body.
     *
     * @return whether a {@link BodySource} is asked, or {@link PolicyRequest#body} where there is none
     */
    public boolean readsBody() {
        return line.readsBody();
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
        return line.tokenCache();
    }

    /** Gives back the sources of keys, and forgets verified tokens. Decisions go on with the keys last read. */
    @Override
    public void close() {
        reported.close();
    }

    /** Collects what an engine is built from. Not thread-safe. */
    public static final class Builder extends EngineSettings {
        private Builder() {}

        @Override
        Builder self() {
            return this;
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
            return new EngineAssembly(this).build();
        }
    }
}

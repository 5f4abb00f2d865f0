package io.gatepost.policy;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.expression.EvaluationContext;
import io.gatepost.policy.model.JwtMode;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.request.Credential;
import io.gatepost.policy.request.JudgedRequest;
import io.gatepost.policy.request.RequestSyntax;
import io.gatepost.policy.token.TokenCacheState;
import io.gatepost.policy.token.TokenExamination;
import io.gatepost.policy.token.TokenVerifier;
import io.gatepost.policy.token.Unfinished;
import io.gatepost.policy.token.Verification;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The straight line that a request takes to its decision, of one effective policy. Immutable and thread-safe. */
final class DecisionLine implements AutoCloseable {
    private final EffectivePolicy policy;
    private final TokenExtractor extractor;
    private final TokenVerifier verifier;
    private final JwtMode mode;
    private final Origin authenticationAt;
    private final Authorizer authorizer;
    private final BearerChallenge challenge;
    private final Clock clock;
    private final Set<String> reads;
    private final boolean readsBody;
    private final boolean tokenInBody;

    DecisionLine(
            EffectivePolicy policy,
            TokenExtractor extractor,
            TokenVerifier verifier,
            List<Rule> rules,
            BearerChallenge challenge,
            Clock clock) {
        this.policy = policy;
        this.extractor = extractor;
        this.verifier = verifier;
        mode = policy.mode();
        authenticationAt = policy.jwtAuthentication() == null
                ? Origin.CODE
                : policy.jwtAuthentication().origin();
        authorizer = new Authorizer(rules);
        this.challenge = challenge;
        this.clock = clock;
        Set<String> names = new TreeSet<>(extractor.reads());
        rules.forEach(rule -> names.addAll(rule.compiled().reads()));
        reads = Set.copyOf(names);
        readsBody = readsBody(reads);
        tokenInBody = readsBody(extractor.reads());
    }

    private static boolean readsBody(Set<String> names) {
        return names.contains("request.body") || names.contains("llm");
    }

    /** As {@link PolicyEngine#policy}. */
    EffectivePolicy policy() {
        return policy;
    }

    /** As {@link PolicyEngine#reads}. */
    Set<String> reads() {
        return reads;
    }

    /** As {@link PolicyEngine#readsBody}. */
    boolean readsBody() {
        return readsBody;
    }

    /**
     * The one straight line: syntax, credential, body, rules. Waits for nothing; the decision is there at once unless a
     * key, a body or another thread is still to come.
     *
     * @param elsewhere where signatures are checked; null: by the caller
     * @return the decision; fails with a {@link CompletionException} of what an expression or the body fails with
     */
    CompletableFuture<Decision> judge(
            JudgedRequest request, Decision.Allow earlier, @Nullable Executor elsewhere, EvaluationContext context) {
        try {
            String malformed = problem(request.asItCame());
            if (malformed != null) {
                DenyReason reason = offersNoToken(request) ? DenyReason.TOKEN_MALFORMED : DenyReason.REQUEST_MALFORMED;
                return now(deny(reason, new Explanation(malformed, List.of())));
            }
            BodySource body = tokenInBody ? request.pendingBody() : null;
            return body == null
                    ? verify(request, earlier, elsewhere, context)
                    : request.read(body)
                            .thenCompose(read -> verify(request, earlier, elsewhere, context))
                            .toCompletableFuture();
        } catch (RuntimeException | Error fault) {
            return CompletableFuture.failedFuture(new CompletionException(fault));
        }
    }

    private static CompletableFuture<Decision> now(Decision decision) {
        return CompletableFuture.completedFuture(decision);
    }

    /**
     * What the door has found well-formed keeps its headers' syntax: a server lets none in that has not, and what goes
     * on to an upstream is looked at again when it is sent. The target is looked at here in any case, since handlers
     * rewrite it, and one that has two readings gets past rules.
     */
    private static @Nullable String problem(PolicyRequest request) {
        return request.isWellFormed() ? RequestSyntax.problemOfTarget(request) : RequestSyntax.problem(request);
    }

    private CompletableFuture<Decision> verify(
            JudgedRequest request, Decision.Allow earlier, @Nullable Executor elsewhere, EvaluationContext context) {
        List<Credential> offered = extractor.extract(request, context);
        Verification found = verifier.verify(offered, elsewhere);
        return found instanceof Unfinished unfinished
                ? unfinished.end().thenCompose(end -> withBody(request, earlier, offered, end, context))
                : withBody(request, earlier, offered, found, context);
    }

    /** Nothing of a body is looked at before the credential has passed. */
    private CompletableFuture<Decision> withBody(
            JudgedRequest request,
            Decision.Allow earlier,
            List<Credential> offered,
            Verification verification,
            EvaluationContext context) {
        BodySource body = readsBody && verification.refusalIn(mode) == null ? request.pendingBody() : null;
        return body == null
                ? now(authorize(request, earlier, offered, verification, context))
                : request.read(body)
                        .thenApply(read -> authorize(request, earlier, offered, verification, context))
                        .toCompletableFuture();
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

    /** What two readers could read in two ways ({@code docs/semantics.md#one-view-of-a-request}); null for nothing. */
    private @Nullable String contradiction(PolicyRequest request, EvaluationContext context) {
        boolean nothingToRead = !readsBody || request.body() == null;
        return nothingToRead ? null : context.body().contradiction(request, context, reads.contains("llm"));
    }

    private Decision authorize(
            JudgedRequest request,
            Decision.Allow earlier,
            List<Credential> offered,
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
        List<Credential> verified =
                verification.token() == null ? earlier.credentials() : with(earlier.credentials(), offered);
        PolicyRequest judged = Credential.without(request, verified);
        Authorizer.Verdict verdict = authorizer.authorize(
                new Authorizer.Case(judged, token, verification.outcomes(), context), verification.detail());
        return verdict.reason() == null
                ? new Decision.Allow(token, verified, verdict.explanation(), context)
                : new Decision.Deny(verdict.reason(), challenge.of(verdict.reason()), token, verdict.explanation());
    }

    private static List<Credential> with(List<Credential> earlier, List<Credential> verified) {
        if (earlier.isEmpty()) {
            return verified;
        }
        List<Credential> all = new ArrayList<>(earlier);
        all.addAll(verified);
        return all;
    }

    private Decision deny(DenyReason reason, Explanation explanation) {
        return new Decision.Deny(reason, challenge.of(reason), explanation);
    }

    /** As {@link PolicyEngine#examine}. */
    TokenExamination examine(PolicyRequest request) {
        List<Credential> offered = extractor.extract(request, new EvaluationContext(clock));
        return verifier.examine(offered, extractor.location(), authenticationAt);
    }

    /** As {@link PolicyEngine#tokenCache}. */
    TokenCacheState tokenCache() {
        return verifier.cacheState();
    }

    @Override
    public void close() {
        verifier.close();
    }
}

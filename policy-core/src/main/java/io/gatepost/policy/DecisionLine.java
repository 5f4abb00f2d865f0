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
import io.gatepost.policy.token.Verification;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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
     * The one straight line: syntax, credential, body, rules.
     *
     * @param elsewhere where signatures are checked; null: by the caller
     */
    CompletableFuture<Decision> judge(
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
        return readsBody
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

    /** What two readers could read in two ways ({@code docs/semantics.md#one-view-of-a-request}); null for nothing. */
    private @Nullable String contradiction(PolicyRequest request, EvaluationContext context) {
        boolean nothingToRead = !readsBody || request.body() == null;
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
        PolicyRequest judged = Credential.without(request, verified);
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

    /** As {@link PolicyEngine#examine}. */
    TokenExamination examine(PolicyRequest request) {
        List<String> offered = extractor.extract(request, new EvaluationContext(clock));
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

package io.gatepost.tools.explain;

import io.gatepost.policy.Decision;
import io.gatepost.policy.EffectivePolicy;
import io.gatepost.policy.Explanation;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.token.TokenExamination;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The engines of both phases of one route. */
final class Judge implements AutoCloseable {
    private static final Decision.Allow NOTHING_JUDGED =
            new Decision.Allow(null, List.of(), new Explanation("no policy applies", List.of()));

    private final Guard guard;
    private final PolicyEngine preRouting;
    private final PolicyEngine postRouting;

    Judge(Guard guard, ExpressionCompiler expressions, @Nullable KeySources keys, Clock clock) {
        this.guard = guard;
        preRouting = engine(guard.preRouting(), expressions, keys, clock);
        try {
            postRouting = engine(guard.postRouting(), expressions, keys, clock);
        } catch (RuntimeException e) {
            preRouting.close();
            throw e;
        }
    }

    private static PolicyEngine engine(
            EffectivePolicy policy, ExpressionCompiler expressions, @Nullable KeySources keys, Clock clock) {
        PolicyEngine.Builder builder = PolicyEngine.builder()
                .policy(policy)
                // One of the two phases often demands nothing.
                .allowingEverything()
                .expressions(expressions)
                .clock(clock);
        return (keys == null ? builder : builder.keys(keys)).build();
    }

    /**
     * What both phases say.
     *
     * @param early what the phase before routing said
     * @param late what the one after it said; null where it was not asked
     */
    record Outcome(Decision early, @Nullable Decision late) {
        Decision decision() {
            return late == null ? early : late;
        }

        boolean allows() {
            return late instanceof Decision.Allow;
        }
    }

    /** @param given claims that stand in for a verified token; null where the request's credential counts */
    Outcome decide(PolicyRequest request, @Nullable Map<String, @Nullable Object> given) {
        Decision.Allow before = given == null
                ? NOTHING_JUDGED
                : new Decision.Allow(
                        new VerifiedToken(given.get("iss") instanceof String issuer ? issuer : "", null, given),
                        List.of(),
                        new Explanation("the claims were given", List.of()));
        Decision early = preRouting.decide(request, before);
        return early instanceof Decision.Allow allowed
                ? new Outcome(early, postRouting.decide(request, allowed))
                : new Outcome(early, null);
    }

    /** Where a token stands; null where none is asked for. */
    @Nullable
    TokenLocation location() {
        return guard.authentications().stream()
                .map(JwtAuthentication::location)
                .findFirst()
                .orElse(null);
    }

    TokenExamination examineEarly(PolicyRequest request) {
        return preRouting.examine(request);
    }

    TokenExamination examineLate(PolicyRequest request) {
        return postRouting.examine(request);
    }

    @Override
    public void close() {
        preRouting.close();
        postRouting.close();
    }
}

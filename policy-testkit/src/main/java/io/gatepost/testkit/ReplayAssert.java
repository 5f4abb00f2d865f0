package io.gatepost.testkit;

import io.gatepost.policy.Decision;
import io.gatepost.policy.DenyReason;
import io.gatepost.tools.replay.RecordedRequest.Outcome;
import io.gatepost.tools.replay.Replay;
import io.gatepost.tools.replay.Replay.Replayed;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions on decisions on recorded requests. What fails tells each request that is decided otherwise, and why. */
public final class ReplayAssert extends AbstractAssert<ReplayAssert, Replay> {
    ReplayAssert(Replay replay) {
        super(replay, ReplayAssert.class);
    }

    /**
     * Goes on with one request.
     *
     * @param number its line or entry, from 1
     * @return assertions on its decision
     * @throws IllegalArgumentException where there is no such request
     */
    public DecisionAssert request(int number) {
        isNotNull();
        return new DecisionAssert(actual.decision(number)).as("request %s", number);
    }

    /**
     * Every request may go on.
     *
     * @return this
     */
    public ReplayAssert allowsAll() {
        return check(one -> one.decision() instanceof Decision.Allow ? null : "expected to be allowed");
    }

    /**
     * These requests may go on, and all others are refused.
     *
     * @param numbers their lines or entries, from 1; none where all are refused
     * @return this
     */
    public ReplayAssert allowsOnly(int... numbers) {
        Set<Integer> allowing = recorded(numbers);
        return check(one -> {
            boolean expected = allowing.contains(one.request().number());
            boolean allowed = one.decision() instanceof Decision.Allow;
            return allowed == expected ? null : "expected to be " + (expected ? "allowed" : "denied");
        });
    }

    /**
     * Every request is decided as the audit log says it was, for the same reason. What was recorded holds a part of the
     * request only: a rule that reads more of it may decide otherwise.
     *
     * @return this
     */
    public ReplayAssert decidesAsRecorded() {
        return check(one -> {
            Outcome outcome = one.request().outcome();
            return outcome == null
                    ? "expected a record of what was decided; this is none of an audit log"
                    : outcome.isSame(one.decision()) ? null : "expected to be " + outcome + ", as recorded";
        });
    }

    /**
     * Every request is decided as before, for the same reason.
     *
     * @param before the same recording, decided by other policies
     * @return this
     */
    public ReplayAssert decidesAs(Replay before) {
        return changesOnly(before);
    }

    /**
     * These requests are decided otherwise than before, or for another reason; all others are not.
     *
     * @param before the same recording, decided by other policies
     * @param numbers their lines or entries, from 1
     * @return this
     */
    public ReplayAssert changesOnly(Replay before, int... numbers) {
        Set<Integer> changing = recorded(numbers);
        return check(one -> {
            Outcome old = outcome(before.decision(one.request().number()));
            boolean expected = changing.contains(one.request().number());
            return old.isSame(one.decision()) != expected
                    ? null
                    : expected ? "expected to change" : "expected to be " + old + ", as before";
        });
    }

    private static Outcome outcome(Decision decision) {
        DenyReason reason = decision instanceof Decision.Deny deny ? deny.reason() : null;
        return new Outcome("", reason);
    }

    /** What names no request is told, not passed over. */
    private Set<Integer> recorded(int... numbers) {
        isNotNull();
        Arrays.stream(numbers).forEach(actual::decision);
        return Arrays.stream(numbers).boxed().collect(Collectors.toSet());
    }

    /** @param expectation what is expected of a request where that is not so, else null */
    private ReplayAssert check(Function<Replayed, @Nullable String> expectation) {
        isNotNull();
        if (actual.requests().isEmpty()) {
            failWithMessage("expected recorded requests, but there are none");
        }
        List<String> failures = actual.requests().stream()
                .map(one -> told(one, expectation.apply(one)))
                .filter(told -> !told.isEmpty())
                .toList();
        if (!failures.isEmpty()) {
            failWithMessage(
                    "%s of %s requests:\n%s", failures.size(), actual.requests().size(), String.join("\n", failures));
        }
        return this;
    }

    private static String told(Replayed one, @Nullable String expectation) {
        return expectation == null
                ? ""
                : one.request() + "\n" + expectation + ", but it was " + DecisionAssert.told(one.decision());
    }
}

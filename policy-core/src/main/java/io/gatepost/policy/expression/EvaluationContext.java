package io.gatepost.policy.expression;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.BodyReading;
import io.gatepost.policy.request.RequestForm;
import io.gatepost.policy.text.StrictJson;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What all expressions evaluated for one request share: what they may still cost together, when the request came, and
 * its body as JSON, read once. Belongs to the request; for one thread at a time.
 */
public final class EvaluationContext implements StrictJson.Payer {
    /** Steps that the expressions of one request may take together; a step is some 0.3 microseconds. */
    public static final long STEPS = 50_000;

    private final OfRequest request;
    private long left;
    private @Nullable Object kept;

    /** A context for a request that nothing was evaluated for, by the system's clock. */
    public EvaluationContext() {
        this(Clock.systemUTC());
    }

    /**
     * A context for a request that nothing was evaluated for.
     *
     * @param clock what says when the request came
     */
    public EvaluationContext(Clock clock) {
        this(new OfRequest(Objects.requireNonNull(clock, "clock")), STEPS);
    }

    private EvaluationContext(OfRequest request, long steps) {
        this.request = request;
        left = steps;
    }

    /** What does not depend on who evaluates. */
    private static final class OfRequest {
        private final Clock clock;
        private @Nullable Instant startTime;
        private @Nullable BodyReading body;
        private @Nullable EvaluationContext explanations;

        OfRequest(Clock clock) {
            this.clock = clock;
        }
    }

    /**
     * The same request with a budget of its own, for what is no part of the decision.
     *
     * @return a context that shares everything but the steps
     */
    public EvaluationContext aside() {
        return new EvaluationContext(request, STEPS);
    }

    /**
     * The same request with the budget that all its explanations have together.
     *
     * @return the same context each time
     */
    public EvaluationContext ofExplanations() {
        if (request.explanations == null) {
            request.explanations = aside();
        }
        return request.explanations;
    }

    /**
     * Takes steps from what may still be spent. To be called before the work is done; whoever hears false ends with an
     * {@link EvaluationException}, and so do all that ask later.
     *
     * @param steps how many, 0 or more
     * @return whether there were as many
     */
    @Override
    public boolean spend(long steps) {
        left = left < steps ? -1 : left - steps;
        return left >= 0;
    }

    /**
     * What may still be spent.
     *
     * @return steps; negative where more was asked for than there was
     */
    public long left() {
        return left;
    }

    /**
     * What an expression language keeps from one evaluation to the next, so that expressions which look at the same
     * thing need not each look for it. Only what it keeps for the same request object and the same token is of use.
     *
     * @return what {@link #keep} was given last; null where that was nothing, or other rules have been asked since
     */
    public @Nullable Object kept() {
        return kept;
    }

    /**
     * Keeps something until the last of a phase's rules was asked.
     *
     * @param something for the next evaluation; null for nothing
     */
    public void keep(@Nullable Object something) {
        kept = something;
    }

    /**
     * When the request came in, as near as is known: the same instant each time.
     *
     * @return the clock's time when this was first asked for
     */
    public Instant startTime() {
        if (request.startTime == null) {
            request.startTime = request.clock.instant();
        }
        return request.startTime;
    }

    /**
     * Reads a JSON text (RFC 8259) in the one way that no two readers can disagree about: strict UTF-8, no member
     * twice, no half surrogate pairs, nothing behind the value. What it costs is spent while it is read.
     *
     * @param utf8 the text
     * @return map, list, string, {@code Long}, {@code BigInteger}, finite {@code Double}, boolean or null; immutable
     * @throws EvaluationException where it is not such a text, nests deeper than 100 levels, has more than 500,000
     *     values and names, or there are no steps left; the message holds nothing of the text
     */
    public @Nullable Object json(byte[] utf8) throws EvaluationException {
        try {
            return StrictJson.BODY.value(utf8, this);
        } catch (StrictJson.MalformedException e) {
            throw notJson();
        }
    }

    /**
     * Reads the request's body as {@link #json} does, once: the same array is not read again.
     *
     * @param body what {@link PolicyRequest#body} answers
     * @return as {@link #json}
     * @throws EvaluationException as {@link #json}
     */
    public @Nullable Object jsonBody(byte[] body) throws EvaluationException {
        try {
            return body().json(body, this);
        } catch (StrictJson.MalformedException e) {
            throw notJson();
        }
    }

    /**
     * What a request to an LLM asks for by its body: the members of a JSON object, or the fields of a form
     * ({@link RequestForm#fields}). Read once.
     *
     * @param request the request
     * @return by name, {@code model} among them; null where there is no body
     * @throws EvaluationException where the body is neither, has more than one reading, or costs more than is left
     */
    public @Nullable Map<String, @Nullable Object> parameters(PolicyRequest request) throws EvaluationException {
        byte[] body = request.body();
        try {
            return body == null ? null : body().parameters(request, body, this);
        } catch (StrictJson.MalformedException | RequestForm.MalformedException e) {
            throw notJson();
        }
    }

    /**
     * The request's body with what was read of it. The engine looks there before any rule does.
     *
     * @return the same each time
     */
    public BodyReading body() {
        if (request.body == null) {
            request.body = new BodyReading();
        }
        return request.body;
    }

    /**
     * The model that the body asks for, as far as it was read for others; nothing is read for this.
     *
     * @return the model; null where that is not known
     */
    public @Nullable String requestModel() {
        return request.body == null ? null : request.body.model();
    }

    private EvaluationException notJson() {
        return new EvaluationException(left < 0 ? "the expression takes too many steps" : "not JSON");
    }
}

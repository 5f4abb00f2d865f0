package io.gatepost.policy.expression;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.MultipartForm;
import io.gatepost.policy.request.RequestForm;
import io.gatepost.policy.text.StrictJson;
import java.time.Clock;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What all expressions evaluated for one request share: what they may still cost together, when the request came, and
 * its body as JSON, read once. Belongs to the request; for one thread at a time.
 */
public final class EvaluationContext {
    /** Steps that the expressions of one request may take together; a step is some 0.3 microseconds. */
    public static final long STEPS = 50_000;

    private static final int FIELD = 2;

    private final OfRequest request;
    private long left;

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
        private byte @Nullable [] body;
        private @Nullable Object json;
        private byte @Nullable [] formBody;
        private @Nullable RequestForm form;
        private RequestForm.@Nullable MalformedException notTheForm;
        private @Nullable EvaluationContext explanations;
        private StrictJson.@Nullable MalformedException refusal;

        OfRequest(Clock clock) {
            this.clock = clock;
        }
    }

    /** The same request with a budget of its own, for what is no part of the decision. */
    EvaluationContext aside() {
        return new EvaluationContext(request, STEPS);
    }

    /** The one that all explanations of the request share. */
    EvaluationContext ofExplanations() {
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
            return strictBody(body);
        } catch (StrictJson.MalformedException e) {
            throw notJson();
        }
    }

    /** The model that the body asks for, as far as it was read; null where that is not known. */
    @Nullable
    String requestModel() {
        if (request.json instanceof Map<?, ?> members) {
            return members.get("model") instanceof String model ? model : null;
        }
        return request.form == null ? null : request.form.model();
    }

    private EvaluationException notJson() {
        return new EvaluationException(left < 0 ? "the expression takes too many steps" : "not JSON");
    }

    /** As {@link #jsonBody}. A body that was refused is not read again either. */
    @Nullable
    Object strictBody(byte[] body) throws StrictJson.MalformedException {
        if (request.body != body) {
            request.body = null;
            request.json = null;
            request.refusal = null;
            try {
                request.json = StrictJson.BODY.value(body, this);
            } catch (StrictJson.TooCostlyException ofThisBudget) {
                throw ofThisBudget;
            } catch (StrictJson.MalformedException refusal) {
                request.refusal = refusal;
            }
            request.body = body;
        }
        if (request.refusal != null) {
            throw request.refusal;
        }
        return request.json;
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
            return body == null ? null : strictParameters(request, body);
        } catch (StrictJson.MalformedException | RequestForm.MalformedException e) {
            throw notJson();
        }
    }

    /**
     * As {@link #parameters}. Whoever sends JSON under the type of an encoded form, as {@code curl -d} does, means
     * JSON.
     */
    Map<String, @Nullable Object> strictParameters(PolicyRequest request, byte[] body)
            throws StrictJson.MalformedException, RequestForm.MalformedException {
        RequestForm form = form(request, body);
        if (form instanceof MultipartForm) {
            return fields(form);
        }
        try {
            Map<String, @Nullable Object> members = StrictJson.asObject(strictBody(body));
            if (form != null && form.model() != null) {
                throw new RequestForm.MalformedException("the body names a model as JSON and as a form");
            }
            return members;
        } catch (StrictJson.DuplicateException | StrictJson.TooCostlyException refusal) {
            throw refusal;
        } catch (StrictJson.MalformedException notJson) {
            if (form == null) {
                throw notJson;
            }
            return fields(form);
        }
    }

    private Map<String, @Nullable Object> fields(RequestForm form) throws StrictJson.MalformedException {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>(form.fields());
        if (!spend((long) fields.size() * FIELD)) {
            throw new StrictJson.TooCostlyException();
        }
        return Collections.unmodifiableMap(fields);
    }

    private @Nullable RequestForm form(PolicyRequest from, byte[] body) throws RequestForm.MalformedException {
        if (request.formBody != body) {
            request.form = null;
            request.notTheForm = null;
            try {
                request.form = RequestForm.of(from, body);
            } catch (RequestForm.MalformedException refusal) {
                request.notTheForm = refusal;
            }
            request.formBody = body;
        }
        if (request.notTheForm != null) {
            throw request.notTheForm;
        }
        return request.form;
    }
}

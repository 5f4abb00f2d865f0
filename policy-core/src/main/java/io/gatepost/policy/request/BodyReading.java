package io.gatepost.policy.request;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.text.StrictJson;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The body of one request, read once: as JSON, and as the form that its content type says. The same array is not read
 * again, whether it could be read or not. Reading is paid for step by step; a reading that ended for want of steps is
 * tried again. Belongs to the request; for one thread at a time.
 */
public final class BodyReading {
    private static final int FIELD = 2;

    private byte @Nullable [] body;
    private @Nullable Object json;
    private StrictJson.@Nullable MalformedException notJson;
    private byte @Nullable [] formBody;
    private @Nullable RequestForm form;
    private RequestForm.@Nullable MalformedException notTheForm;

    /** Nothing is read yet. */
    public BodyReading() {}

    /**
     * Reads the body as JSON.
     *
     * @param octets what {@link PolicyRequest#body} answers; not changed later
     * @param payer pays for it
     * @return as {@link StrictJson#value}
     * @throws StrictJson.MalformedException where it is no JSON, or costs more than the payer has
     */
    public @Nullable Object json(byte[] octets, StrictJson.Payer payer) throws StrictJson.MalformedException {
        if (body != octets) {
            body = null;
            json = null;
            notJson = null;
            try {
                json = StrictJson.BODY.value(octets, payer);
            } catch (StrictJson.TooCostlyException ofThisBudget) {
                throw ofThisBudget;
            } catch (StrictJson.MalformedException refusal) {
                notJson = refusal;
            }
            body = octets;
        }
        if (notJson != null) {
            throw notJson;
        }
        return json;
    }

    /**
     * What a request to an LLM asks for by its body: the members of a JSON object, or the fields of a form
     * ({@link RequestForm#fields}). Whoever sends JSON under the type of an encoded form, as {@code curl -d} does,
     * means JSON.
     *
     * @param request the request
     * @param octets its body; not changed later
     * @param payer pays for it
     * @return by name, {@code model} among them; unmodifiable
     * @throws StrictJson.MalformedException where the body is neither, or costs more than the payer has
     * @throws RequestForm.MalformedException where it has more than one reading
     */
    public Map<String, @Nullable Object> parameters(PolicyRequest request, byte[] octets, StrictJson.Payer payer)
            throws StrictJson.MalformedException, RequestForm.MalformedException {
        RequestForm read = form(request, octets);
        if (read instanceof MultipartForm) {
            return fields(read, payer);
        }
        try {
            Map<String, @Nullable Object> members = StrictJson.asObject(json(octets, payer));
            if (read != null && read.model() != null) {
                throw new RequestForm.MalformedException("the body names a model as JSON and as a form");
            }
            return members;
        } catch (StrictJson.DuplicateException | StrictJson.TooCostlyException refusal) {
            throw refusal;
        } catch (StrictJson.MalformedException refusal) {
            if (read == null) {
                throw refusal;
            }
            return fields(read, payer);
        }
    }

    /**
     * What {@link #parameters} answers, where it answers with a JSON object that was read already; nothing is read for
     * this.
     *
     * @param octets the request's body
     * @return by name; null where that is not known
     */
    @SuppressWarnings("unchecked")
    public @Nullable Map<String, @Nullable Object> knownMembers(byte[] octets) {
        boolean noForm = formBody == octets && form == null && notTheForm == null;
        return noForm && body == octets && json instanceof Map<?, ?> members
                ? (Map<String, @Nullable Object>) members
                : null;
    }

    /**
     * What two readers could read in two ways: a member or a field that is there twice, a model that the body and the
     * target name differently.
     *
     * @param request the request; nothing is contradictory where it has no body
     * @param payer pays for the reading
     * @param parametersCount whether someone decides by {@link #parameters}; otherwise a form that can't be read is
     *     left to those who look at its octets
     * @return what is wrong, without any of the request's text; null where there is nothing
     */
    public @Nullable String contradiction(PolicyRequest request, StrictJson.Payer payer, boolean parametersCount) {
        byte[] octets = request.body();
        if (octets == null) {
            return null;
        }
        try {
            return NamedModel.contradiction(request, parameters(request, octets, payer));
        } catch (RequestForm.MalformedException e) {
            return parametersCount ? e.getMessage() : null;
        } catch (StrictJson.DuplicateException e) {
            return "a member occurs twice in the body";
        } catch (StrictJson.MalformedException e) {
            // Not JSON: a rule that reads it as JSON fails, and another one may well read it.
            return null;
        }
    }

    /**
     * The model that the body asks for; nothing is read for this.
     *
     * @return the model as far as the body was read; null where that is not known
     */
    public @Nullable String model() {
        if (json instanceof Map<?, ?> members) {
            return members.get("model") instanceof String model ? model : null;
        }
        return form == null ? null : form.model();
    }

    private static Map<String, @Nullable Object> fields(RequestForm form, StrictJson.Payer payer)
            throws StrictJson.MalformedException {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>(form.fields());
        StrictJson.pay((long) fields.size() * FIELD, payer);
        return Collections.unmodifiableMap(fields);
    }

    private @Nullable RequestForm form(PolicyRequest request, byte[] octets) throws RequestForm.MalformedException {
        if (formBody != octets) {
            form = null;
            notTheForm = null;
            try {
                form = RequestForm.of(request, octets);
            } catch (RequestForm.MalformedException refusal) {
                notTheForm = refusal;
            }
            formBody = octets;
        }
        if (notTheForm != null) {
            throw notTheForm;
        }
        return form;
    }
}

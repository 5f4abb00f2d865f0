package io.gatepost.policy.request;

import io.gatepost.policy.PolicyRequest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request's body that is a form: {@code multipart/form-data} (RFC 7578), as transcriptions and uploads are sent, or
 * {@code application/x-www-form-urlencoded} (WHATWG URL section 5.1). Read in the one way that no two readers can
 * disagree about, as far as the model is concerned; what has two readings is refused. Immutable; holds the body itself.
 */
public sealed interface RequestForm permits MultipartForm, EncodedForm {
    /** A body that is not the form that its type says, or that may be read as one or another. */
    final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        /** @param message what is wrong, without anything of the body */
        MalformedException(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * Reads a body by the {@code Content-Type} of its request.
     *
     * @param request the request
     * @param body its body, content encodings removed; not changed later
     * @return the form; null where the body is empty, or the type says that it is none
     * @throws MalformedException where the type or the body has two readings, or is none
     */
    static @Nullable RequestForm of(PolicyRequest request, byte[] body) throws MalformedException {
        List<String> types = request.headers("content-type");
        String all = String.join(",", types).toLowerCase(Locale.ROOT);
        boolean inParts = all.contains(MultipartForm.TYPE);
        if (body.length == 0 || (!inParts && !all.contains(EncodedForm.TYPE))) {
            return null;
        }
        HeaderParameters type = types.size() == 1 ? HeaderParameters.of(types.get(0)) : null;
        if (type == null || !type.value().equals(inParts ? MultipartForm.TYPE : EncodedForm.TYPE)) {
            throw new MalformedException("the content type has more than one reading");
        }
        String charset = type.parameters().getOrDefault("charset", "utf-8").toLowerCase(Locale.ROOT);
        if (!charset.equals("utf-8") && !charset.equals("us-ascii")) {
            throw new MalformedException("expected a form in UTF-8");
        }
        return inParts ? MultipartForm.of(body, type.parameters()) : EncodedForm.of(body);
    }

    /**
     * The model that the form names.
     *
     * @return the value of the field {@code model}; null where there is none
     */
    @Nullable
    String model();

    /**
     * The fields that are texts: not files.
     *
     * @return by name; a string, or a list of strings for a name that occurs more than once
     */
    Map<String, Object> fields();

    /**
     * The form with another model; all else stays as it is, octet for octet.
     *
     * @param model the model
     * @return the new body: the field's value replaced, or the field added
     * @throws MalformedException where the model's text can't stand in such a form
     */
    byte[] withModel(String model) throws MalformedException;
}

package io.gatepost.policy.forward;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.NamedModel;
import io.gatepost.policy.request.RequestForm;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The one model that an upstream is asked for. Replaces the model wherever a request names one: in a JSON body, in a
 * form, in the query. What names none passes as it is; what may name one in a way that can't be changed is refused.
 */
record ModelOverride(String model) {
    /** What is asked for a model: without one the upstream would choose. */
    private static final List<String> OPERATIONS = List.of(
            "/chat/completions",
            "/completions",
            "/responses",
            "/embeddings",
            "/rerank",
            "/moderations",
            "/images/generations",
            "/images/edits",
            "/images/variations",
            "/audio/speech",
            "/audio/transcriptions",
            "/audio/translations");

    /** Whether a request to this path asks a model, so that the model is added where the body has none. */
    static boolean isAsked(String path) {
        return OPERATIONS.stream().anyMatch(path::endsWith);
    }

    /**
     * The body with this model.
     *
     * @param body without encodings
     * @param asked whether the model is added where the body names none
     * @return the same array where nothing is to be changed
     * @throws RejectedBodyException 400 where the body has more than one reading
     */
    byte[] in(PolicyRequest request, byte[] body, boolean asked) throws RejectedBodyException {
        if (body.length == 0) {
            return body;
        }
        String type = String.join(",", request.headers("content-type")).toLowerCase(Locale.ROOT);
        try {
            RequestForm form = RequestForm.of(request, body);
            if (type.contains("json") || beginsAsJson(body)) {
                if (form != null && form.model() != null) {
                    throw RequestBody.invalid("the body names a model as JSON and as a form");
                }
                return RequestBody.withModel(body, model, asked);
            }
            if (form == null && type.contains("multipart/")) {
                throw RequestBody.invalid("of bodies in parts only multipart/form-data is sent on");
            }
            return form == null || (form.model() == null && !asked) ? body : form.withModel(model);
        } catch (RequestForm.MalformedException e) {
            throw RequestBody.invalid(e.getMessage());
        }
    }

    /** Whether somebody who does not look at its type could read it as JSON, in UTF-8, UTF-16 or UTF-32. */
    private static boolean beginsAsJson(byte[] body) {
        for (byte octet : body) {
            switch (octet) {
                case '{', '[' -> {
                    return true;
                }
                // Blanks, halves of wide characters, and what a byte order mark consists of.
                case ' ', '\t', '\r', '\n', 0, (byte) 0xef, (byte) 0xbb, (byte) 0xbf, (byte) 0xfe, (byte) 0xff -> {}
                default -> {
                    return false;
                }
            }
        }
        return false;
    }

    @Nullable
    String in(@Nullable String query) {
        return NamedModel.inQueryOf(query, model);
    }
}

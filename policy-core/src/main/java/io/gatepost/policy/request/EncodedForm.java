package io.gatepost.policy.request;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A form-encoded body. An octet a character, so that what is not asked for stays as it is. */
record EncodedForm(String text, @Nullable String model) implements RequestForm {
    static final String TYPE = "application/x-www-form-urlencoded";

    static EncodedForm of(byte[] body) throws MalformedException {
        String text = new String(body, StandardCharsets.ISO_8859_1);
        // Some servers read a semicolon as the end of a pair.
        List<String> models = QueryPairs.valuesInAnyCase(text.replace(';', '&'), NamedModel.NAME);
        if (models.size() > 1 || !models.equals(QueryPairs.values(text, NamedModel.NAME))) {
            throw new MalformedException("the form names a model more than once, or in more than one reading");
        }
        return new EncodedForm(text, models.isEmpty() ? null : NamedModel.plainInForm(models.get(0)));
    }

    @Override
    public Map<String, Object> fields() {
        return QueryPairs.all(text);
    }

    @Override
    public byte[] withModel(String other) {
        return QueryPairs.replaced(model == null ? added() : text, NamedModel.NAME, other)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private String added() {
        return text.isEmpty() ? NamedModel.NAME : NamedModel.NAME + "&" + text;
    }

    @Override
    public String toString() {
        return "EncodedForm";
    }
}

package io.gatepost.policy.request;

import io.gatepost.policy.PolicyRequest;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A request without the credentials that were verified: what rules judge and the upstream gets. Immutable. */
final class StrippedRequest extends RequestView {
    private final List<Credential> credentials;

    private StrippedRequest(PolicyRequest request, List<Credential> credentials) {
        super(request);
        this.credentials = credentials;
    }

    static PolicyRequest of(PolicyRequest request, List<Credential> credentials) {
        return credentials.isEmpty() ? request : new StrippedRequest(request, credentials);
    }

    @Override
    public @Nullable String query() {
        String left = request.query();
        for (Credential credential : credentials) {
            left = credential.stripQuery(left);
        }
        return left;
    }

    @Override
    public List<String> headers(String name) {
        return stripped(name, request.headers(name));
    }

    @Override
    public void forEachHeader(BiConsumer<String, List<String>> header) {
        request.forEachHeader((name, values) -> {
            List<String> left = stripped(name, values);
            if (!left.isEmpty()) {
                header.accept(name, left);
            }
        });
    }

    private List<String> stripped(String name, List<String> values) {
        List<String> left = values;
        for (Credential credential : credentials) {
            left = credential.stripHeader(name, left);
        }
        return left;
    }
}

package io.gatepost.policy.cel;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.expression.EvaluationContext;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What expressions that are evaluated one after the other read of one request and its token: each value is looked up
 * once for all of them. Counts what the current one costs. For one thread.
 */
final class Readings {
    private final PolicyRequest request;
    private final @Nullable VerifiedToken token;
    private final EvaluationContext context;
    /** The first one needs no map. */
    private @Nullable Path first;

    private @Nullable Reading firstReading;
    private @Nullable Map<String, Reading> others;
    private long steps;
    private @Nullable String element;

    private Readings(PolicyRequest request, @Nullable VerifiedToken token, EvaluationContext context) {
        this.request = request;
        this.token = token;
        this.context = context;
    }

    /** Those that the context keeps, where they are of the very same request and token. */
    @SuppressWarnings("ReferenceEquality")
    static Readings of(PolicyRequest request, @Nullable VerifiedToken token, EvaluationContext context) {
        if (context.kept() instanceof Readings kept && kept.request == request && kept.token == token) {
            kept.steps = 0;
            kept.element = null;
            return kept;
        }
        Readings readings = new Readings(request, token, context);
        context.keep(readings);
        return readings;
    }

    PolicyRequest request() {
        return request;
    }

    @Nullable
    VerifiedToken token() {
        return token;
    }

    /** The members of the request's body, where it is a JSON object that was read already; null otherwise. */
    @Nullable
    Map<String, @Nullable Object> members(byte[] body) {
        return context.body().knownMembers(body);
    }

    /** Adds to what the expression costs, which is paid in the end. */
    void charge(long further) {
        steps += further;
    }

    long steps() {
        return steps;
    }

    /** What would be left if the expression ended here. */
    long left() {
        return context.left() - steps;
    }

    /** The element that a loop has come to; null outside of one. */
    @Nullable
    String element() {
        return element;
    }

    /** What a loop's condition comes to for an element. */
    @Nullable
    Object withElement(String text, Direct condition) {
        element = text;
        Object value = condition.value(this);
        element = null;
        return value;
    }

    Reading at(Path path) {
        if (first == null || firstReading == null) {
            first = path;
            firstReading = path.read(this);
            return firstReading;
        }
        if (first == path || first.key().equals(path.key())) {
            return firstReading;
        }
        if (others == null) {
            others = new HashMap<>();
        }
        Reading known = others.get(path.key());
        if (known == null) {
            known = path.read(this);
            others.put(path.key(), known);
        }
        return known;
    }
}

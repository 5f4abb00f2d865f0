package io.gatepost.policy;

import io.gatepost.policy.model.ObjectName;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Why a decision came out as it did, for logs, listeners and tools; never for a response. Holds no token text; values
 * of claims only come out of {@link RuleOutcome#parts}.
 *
 * @param summary one sentence: what decided and why; no claim value
 * @param provider the issuer of the provider whose token was verified, or by whose keys and demands it was refused; as
 *     the policy writes it; null where no provider was concerned
 * @param rules the expressions that were evaluated, in order
 * @param decisive those of them that decided: one, or all Allow expressions where none held; empty where no rule did
 * @param shadows what policies that are not enforced would have said
 */
public record Explanation(
        String summary,
        @Nullable String provider,
        List<RuleOutcome> rules,
        List<RuleOutcome> decisive,
        List<Shadow> shadows) {
    /**
     * What would have been decided if a policy that is in shadow counted too.
     *
     * @param policy the policy
     * @param reason why the request would have been refused; null where it would have been allowed
     * @param summary one sentence: what would have decided; no claim value
     */
    public record Shadow(ObjectName policy, @Nullable DenyReason reason, String summary) {
        public Shadow {
            Objects.requireNonNull(policy, "policy");
            Objects.requireNonNull(summary, "summary");
        }
    }

    /**
     * An explanation without anything in shadow.
     *
     * @param summary as above
     * @param provider as above
     * @param rules as above
     * @param decisive as above
     */
    public Explanation(String summary, @Nullable String provider, List<RuleOutcome> rules, List<RuleOutcome> decisive) {
        this(summary, provider, rules, decisive, List.of());
    }

    /**
     * What the parts of an expression do not show where {@link PolicyEngine.Builder#redact} says nothing else: claims
     * about a person other than the subject (OpenID Connect Core section 5.1), what a client says to a model, headers
     * that hold credentials, queries.
     */
    public static final Set<String> REDACTED = Set.of(
            "jwt.address",
            "jwt.birthdate",
            "jwt.email",
            "jwt.family_name",
            "jwt.gender",
            "jwt.given_name",
            "jwt.middle_name",
            "jwt.name",
            "jwt.nickname",
            "jwt.phone_number",
            "jwt.picture",
            "jwt.preferred_username",
            "jwt.profile",
            "jwt.website",
            "llm.params.input",
            "llm.params.instructions",
            "llm.params.messages",
            "llm.params.prompt",
            "request.body",
            "request.bodyPrefix",
            "request.headers.api-key",
            "request.headers.x-access-token",
            "request.headers.x-api-key",
            "request.headers.x-auth-token",
            "request.headers.x-goog-api-key",
            "request.pathAndQuery",
            "request.uri");

    public Explanation {
        Objects.requireNonNull(summary, "summary");
        rules = rules instanceof Outcomes ? rules : List.copyOf(rules);
        decisive = decisive instanceof Outcomes ? decisive : List.copyOf(decisive);
        shadows = List.copyOf(shadows);
    }

    Explanation with(List<Shadow> told) {
        return new Explanation(summary, provider, rules, decisive, told);
    }

    /**
     * An explanation of a decision that no rule and no provider made.
     *
     * @param summary one sentence: what decided and why
     * @param rules the expressions that were evaluated
     */
    public Explanation(String summary, List<RuleOutcome> rules) {
        this(summary, null, rules, List.of());
    }

    /**
     * The model that the client asked for, where the body was read for the rules; nothing is read for this. To be asked
     * while the request is being handled. It is the client's text: of any length, with any character.
     *
     * @return the member {@code model} of the body, or null where that is not known or is no text
     */
    public @Nullable String requestModel() {
        return rules.isEmpty() ? null : rules.get(0).requestModel();
    }

    /**
     * Whether what stands at a path is not to be shown unless someone chose to: {@link #REDACTED} and credentials.
     *
     * @param path such as {@code jwt.email} or {@code request.headers.cookie}, in any case
     * @return whether its value is a secret
     */
    public static boolean isRedacted(String path) {
        return Redaction.isSecretByDefault(path);
    }

    @Override
    public String toString() {
        return summary;
    }
}

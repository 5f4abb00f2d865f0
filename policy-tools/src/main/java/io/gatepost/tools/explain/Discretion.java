package io.gatepost.tools.explain;

import io.gatepost.policy.RuleOutcome;
import io.gatepost.policy.token.TokenExamination;
import io.gatepost.policy.token.TokenExamination.Check;
import io.gatepost.policy.token.TokenExamination.Result;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What of a token an explanation tells, beyond what is never told. Immutable.
 *
 * @param claims the claims that may be told; null for all
 */
record Discretion(@Nullable Set<String> claims) {
    static final Discretion NONE = new Discretion(null);
    static final String REDACTED = "<redacted>";

    /** Checks whose findings hold nothing that a token says of itself. */
    private static final Set<String> PUBLIC = Set.of("credential", "form", "signature");

    private static final Set<String> SAID_BY_TOKEN = Set.of("provider", "key");

    /** As long as keys are, wherever it stands in a path. */
    private static final Pattern KEY = Pattern.compile("[\\w-]{64,}+");

    /** Tells these claims only, beside subject and issuer, and those only of a verified token. */
    static Discretion of(Set<String> claims) {
        Set<String> told = new HashSet<>(claims);
        told.addAll(Set.of("sub", "iss"));
        return new Discretion(told);
    }

    List<Check> checks(TokenExamination token) {
        boolean verified = token.checks().stream()
                .anyMatch(check -> check.name().equals("signature") && check.result() == Result.PASSED);
        return claims == null
                ? token.checks()
                : token.checks().stream()
                        .map(check -> discreet(check, verified))
                        .toList();
    }

    private Check discreet(Check check, boolean verified) {
        boolean told = PUBLIC.contains(check.name())
                || check.result() == Result.NOT_MADE
                || check.found().equals("absent")
                || (verified && (isTold(check.name()) || SAID_BY_TOKEN.contains(check.name())));
        boolean demanded = verified || !check.name().equals("key");
        return new Check(
                check.name(),
                check.result(),
                check.reason(),
                demanded ? check.expected() : "one of the issuer's keys",
                told ? check.found() : "",
                check.origin());
    }

    private boolean isTold(String claim) {
        return claims == null || claims.contains(claim);
    }

    /** The outcome of a comparison tells something of what was compared: it is as secret. */
    String value(RuleOutcome.Part part) {
        boolean told = claims == null
                || (part.reads().stream().allMatch(this::isPathTold)
                        && !KEY.matcher(part.value()).find());
        return told ? part.value() : REDACTED;
    }

    private boolean isPathTold(String path) {
        String[] steps = path.split("\\.", 3);
        return steps[0].equals("jwt")
                ? steps.length > 1 && isTold(steps[1])
                : Map.of("request", Set.of("method", "path", "scheme", "host"), "source", Set.of("address"))
                        .getOrDefault(steps[0], Set.of())
                        .contains(steps.length > 1 ? steps[1] : "");
    }
}

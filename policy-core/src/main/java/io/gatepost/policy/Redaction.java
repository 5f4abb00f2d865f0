package io.gatepost.policy;

import io.gatepost.policy.expression.CompiledExpression.SubExpression;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.text.ShownValue;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What of a request and a token is not shown in explanations. Thread-safe. */
final class Redaction {
    private static final Set<String> CREDENTIALS = Set.of(
            "jwt.rawtoken",
            "apikey",
            "request.headers.authorization",
            "request.headers.proxy-authorization",
            "request.headers.cookie");
    private static final List<String> DEFAULT = Explanation.REDACTED.stream()
            .map(path -> path.toLowerCase(Locale.ROOT))
            .toList();
    /** Anything that could be a JWT, wherever it stood; the look-behind keeps the search linear. */
    private static final Pattern TOKEN = Pattern.compile("(?<![\\w-])[\\w-]{10,}+\\.[\\w-]{20,}+");

    private static final String REDACTED = "<redacted>";

    private final Set<String> secrets = new TreeSet<>(CREDENTIALS);

    Redaction(Collection<String> paths, TokenExtractor extractor) {
        paths.forEach(path -> secrets.add(path.toLowerCase(Locale.ROOT)));
        secrets.addAll(extractor.reads());
        TokenLocation location = extractor.location();
        if (location instanceof TokenLocation.Header header) {
            secrets.add("request.headers." + header.name().toLowerCase(Locale.ROOT));
        } else if (location instanceof TokenLocation.QueryParameter) {
            secrets.addAll(List.of("request.uri", "request.pathandquery"));
        }
    }

    /** The value as text, or that it is redacted: a comparison's outcome is shown whatever was compared. */
    String show(SubExpression part) {
        boolean outcome = part.value() instanceof Boolean && !isRead(part);
        if (!outcome && part.reads().stream().anyMatch(this::isSecret)) {
            return REDACTED;
        }
        String shown = ShownValue.of(part.value());
        return TOKEN.matcher(shown).find() ? REDACTED : ShownValue.cut(shown);
    }

    /** Whether it is what it reads, not something made of it such as the outcome of a comparison. */
    private static boolean isRead(SubExpression part) {
        return part.reads().size() == 1 && part.reads().contains(part.text());
    }

    private boolean isSecret(String path) {
        return isAmong(secrets, path);
    }

    /** Whether it is not shown unless something else is said. */
    static boolean isSecretByDefault(String path) {
        return isAmong(CREDENTIALS, path) || isAmong(DEFAULT, path);
    }

    /** Also what stands within something secret, and what something secret stands within. */
    private static boolean isAmong(Collection<String> secrets, String path) {
        String read = path.toLowerCase(Locale.ROOT);
        return secrets.stream()
                .anyMatch(secret ->
                        secret.equals(read) || read.startsWith(secret + ".") || secret.startsWith(read + "."));
    }
}

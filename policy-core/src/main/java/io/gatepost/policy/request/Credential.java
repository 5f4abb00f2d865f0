package io.gatepost.policy.request;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.model.TokenLocation;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A credential, and how one is found in a request. One that was verified does not travel on, unless an upstream is
 * meant to get it ({@code docs/semantics.md#a-token-and-the-mode}). Its text does not appear in {@link #toString}.
 * Immutable and thread-safe.
 */
public final class Credential {
    private final TokenLocation location;
    private final String value;
    private final int start;

    /**
     * A credential.
     *
     * @param location where it stood; what an expression found stays in place
     * @param text the token itself
     */
    public Credential(TokenLocation location, String text) {
        this(location, text, 0);
    }

    /** The end of a value, which is not copied for this. */
    private Credential(TokenLocation location, String value, int start) {
        this.location = Objects.requireNonNull(location, "location");
        this.value = Objects.requireNonNull(value, "text");
        this.start = start;
    }

    /**
     * Where it stood.
     *
     * @return the place; what an expression found stays there
     */
    public TokenLocation location() {
        return location;
    }

    /**
     * The token itself.
     *
     * @return its text, made when this is asked
     */
    public String text() {
        return value.substring(start);
    }

    /**
     * How long the token is.
     *
     * @return the number of its characters
     */
    public int length() {
        return value.length() - start;
    }

    /**
     * Copies a part of the token.
     *
     * @param from the first character of it
     * @param to the character behind it
     * @param chars takes it in, from its beginning
     */
    public void copy(int from, int to, char[] chars) {
        value.getChars(start + from, start + to, chars, 0);
    }

    /**
     * Finds what a request offers as its credential, all of it, so that duplicates stay visible. Does not judge.
     *
     * @param request the request
     * @param location where to look; nothing is found for one that an expression computes
     * @return each credential without the location's prefix; {@code ""} for a prefix with nothing behind it;
     *     unmodifiable
     */
    public static List<Credential> offered(PolicyRequest request, TokenLocation location) {
        // The usual place goes first: this is asked for every request.
        if (location instanceof TokenLocation.Header header) {
            return inHeader(header, request.headers(header.name()));
        }
        return location.fold(
                header -> List.of(),
                parameter -> all(location, QueryPairs.values(request.query(), parameter.name())),
                cookie -> all(location, Cookies.values(request.headers("cookie"), cookie.name())),
                computed -> List.of());
    }

    private static List<Credential> all(TokenLocation location, List<String> texts) {
        return texts.stream().map(text -> new Credential(location, text)).toList();
    }

    /** Of several values each is a credential, of whatever scheme: which one counts would be a guess. */
    private static List<Credential> inHeader(TokenLocation.Header header, List<String> values) {
        if (values.size() != 1) {
            return all(header, values);
        }
        String prefix = header.prefix() == null ? "" : header.prefix();
        String value = values.get(0);
        if (value.indexOf(',') >= 0) {
            // A comma joins what came as two headers (RFC 9110 section 5.3); no token has one.
            List<String> joined = Arrays.asList(value.split(",", -1));
            if (joined.stream()
                    .skip(1)
                    .map(String::strip)
                    .anyMatch(part -> !part.isEmpty() && startsWith(part, prefix))) {
                return all(header, joined);
            }
        }
        if (startsWith(value, prefix)) {
            return List.of(new Credential(header, value, prefix.length()));
        }
        // A scheme without a token is a malformed credential, not none; servers cut the blank that ends the prefix.
        return value.strip().equalsIgnoreCase(prefix.strip()) ? List.of(new Credential(header, "")) : List.of();
    }

    private static boolean startsWith(String value, String prefix) {
        return value.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    /**
     * What is left of a request.
     *
     * @param request the request as it was judged
     * @param verified the credentials that were verified
     * @return a view of the request without them
     */
    public static PolicyRequest without(PolicyRequest request, List<Credential> verified) {
        return StrippedRequest.of(request, verified);
    }

    /** What of a header may travel on; empty where the header must be dropped. */
    List<String> stripHeader(String name, List<String> values) {
        if (location instanceof TokenLocation.Header header) {
            return header.name().equalsIgnoreCase(name) ? List.of() : values;
        }
        return location.fold(
                header -> values,
                parameter -> values,
                cookie -> name.equalsIgnoreCase("cookie") ? Cookies.without(values, cookie.name()) : values,
                computed -> values);
    }

    /** What of the query may travel on; null where nothing is left. */
    @Nullable
    String stripQuery(@Nullable String query) {
        if (query == null) {
            return null;
        }
        return location.fold(
                header -> query,
                parameter -> QueryPairs.without(query, parameter.name()),
                cookie -> query,
                computed -> query);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Credential credential
                && location.equals(credential.location)
                && text().equals(credential.text());
    }

    @Override
    public int hashCode() {
        return Objects.hash(location, text());
    }

    @Override
    public String toString() {
        return "Credential[location=" + location + "]";
    }
}

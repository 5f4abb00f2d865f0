package io.gatepost.tools.lint;

import static io.gatepost.tools.lint.Level.ERROR;
import static io.gatepost.tools.lint.Level.INFO;
import static io.gatepost.tools.lint.Level.WARNING;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What is looked for. The ids are stable; {@code docs/linting.md} has an example of each. */
public enum LintRule {
    /** The document does not load. */
    INVALID_DOCUMENT(ERROR, "The document does not load", "mend what the message names"),
    /** The document loads, with a doubt. */
    DOUBTFUL_DOCUMENT(WARNING, "The document loads, with a doubt", "follow the message"),
    /** Nothing makes the expression true. */
    NEVER_MATCHES(ERROR, "A rule that can never hold", "write what was meant, or remove the rule"),
    /** Nothing makes the expression false. */
    ALWAYS_MATCHES(WARNING, "A rule that can never be false", "write the condition that was meant"),
    /** A part of the expression has one outcome only. */
    CONSTANT_PART(WARNING, "A part of a rule with only one outcome", "write what was meant, or remove the part"),
    /** An operand that others imply. */
    REDUNDANT_OPERAND(INFO, "An operand that decides nothing", "remove it, or write what was meant"),
    /** One Allow covers another. */
    SHADOWED_ALLOW(WARNING, "An Allow that another Allow covers", "remove the narrower one, or narrow the wider one"),
    /** A Deny covers an Allow. */
    DENIED_ALLOW(ERROR, "An Allow that a Deny always overrules", "narrow the Deny, or remove the Allow"),
    /** A Require excludes an Allow, or another Require. */
    CONTRADICTORY_RULES(ERROR, "Rules that no request can satisfy together", "keep the rule that was meant"),
    /** The same Deny or Require twice. */
    DUPLICATE_RULE(WARNING, "The same rule twice", "keep one of them"),
    /** An Allow of several expressions that look like conditions of one rule. */
    ANY_OF(
            WARNING,
            "An Allow that any of its expressions satisfies",
            "join them with `&&`, or use `action: Require`, where all must hold"),
    /** Denies without anything that allows. */
    DENY_WITHOUT_ALLOW(
            WARNING,
            "Deny rules that let everything else pass",
            "say what is allowed by an Allow or a Require, or accept it"),
    /** A claim is read although there may be no token. */
    UNGUARDED_JWT(
            WARNING,
            "A claim is read where there may be no token",
            "test `jwt != null` or `has(jwt.x)` first, or use mode Strict"),
    /** A claim is read although there is never a token. */
    NO_AUTHENTICATION(
            WARNING,
            "A claim is read where no token is verified",
            "attach `jwtAuthentication` to the route or its gateway, or test `jwt != null` first"),
    /** Tokens that don't hold count as none. */
    PERMISSIVE_MODE(WARNING, "Requests with refused tokens go on", "use mode Strict, or Optional while migrating"),
    /** The token's audience is not looked at. */
    NO_AUDIENCE(
            WARNING,
            "Tokens for any audience are accepted",
            "list in `audiences` what the issuer puts in `aud` for you"),
    /** An issuer in clear text. */
    INSECURE_ISSUER(WARNING, "An issuer without https", "use the https URL that the issuer puts in its tokens"),
    /** Keys in clear text. */
    INSECURE_KEYS_URL(ERROR, "Keys are fetched without https", "fetch them by https"),
    /** Certificates of an upstream are not looked at. */
    INSECURE_SKIP_VERIFY(
            WARNING,
            "A backend's certificate is not verified",
            "name its authority in `caCertificateRefs` and its names in `verifySubjectAltNames`"),
    /** Pages of everybody call with what a browser adds by itself. */
    ANY_ORIGIN_WITH_CREDENTIALS(
            WARNING,
            "Anybody's page may call with a visitor's credentials",
            "list the origins in `allowOrigins`, or leave `allowCredentials` out: tokens in a header need none"),
    /** Tokens without an end. */
    NO_EXPIRY(WARNING, "Tokens without an end are accepted", "keep `exp` among the `requiredClaims`"),
    /** Tokens that hold long after their end. */
    LARGE_CLOCK_SKEW(WARNING, "Expired tokens hold for long", "keep clocks in step, and `clockSkew` below 5m"),
    /** The token's type is not looked at. */
    TOKEN_TYPE_UNCHECKED(
            INFO, "Tokens of any type are accepted", "set `tokenType` to what the issuer writes, such as `at+jwt`"),
    /** A key that can be broken or forged. */
    WEAK_KEY(WARNING, "A key that is too weak", "replace it by an EC, an Ed25519 or a longer RSA key"),
    /** A secret instead of a public key. */
    SYMMETRIC_KEY(ERROR, "A symmetric key among public ones", "remove it and use it nowhere: it has been written down"),
    /** A certificate that does not hold. */
    CERTIFICATE_EXPIRY(WARNING, "A key whose certificate has ended or soon will", "publish the key's successor"),
    /** Several keys that can't be told apart. */
    KEY_WITHOUT_ID(WARNING, "Several keys that tokens can't name", "give each key a `kid`"),
    /** One name for two keys. */
    DUPLICATE_KEY_ID(WARNING, "Two keys of one `kid`", "give each key a `kid` of its own"),
    /** Several keys of which each fits several algorithms. */
    KEY_WITHOUT_ALGORITHM(INFO, "Keys for any algorithm of their type", "give each key the `alg` it signs with"),
    /** The token stands in the URL. */
    TOKEN_IN_QUERY(
            WARNING, "The token is read from the URL, which is logged and kept", "have clients send it in a header"),
    /** The credential is gone when rules are asked. */
    CREDENTIAL_HEADER(
            WARNING, "A rule reads the header that the token is taken from", "test claims, such as `jwt.sub`"),
    /** A Deny that lets pass what it can't judge. */
    IGNORED_DENY_ERROR(
            WARNING,
            "A Deny that lets pass what it can't judge",
            "remove `onEvaluationError: Ignore` and guard with `has` what may be absent"),
    /** A part of a text is taken for the whole. */
    SUBSTRING_TEST(
            WARNING,
            "A part of a text is taken for a whole one",
            "test `\"name\" in scopes(jwt)`, `==` or `in` a list"),
    /** A scope looked for in a text. */
    IN_TEXT(WARNING, "`in` looks into lists, not into texts", "test `\"name\" in scopes(jwt)`"),
    /** A suffix of a host or mail address without its separator. */
    OPEN_SUFFIX(WARNING, "An ending without the separator before it", "begin it with `@` or `.`"),
    /** A prefix of a path without its separator. */
    OPEN_PATH_PREFIX(
            WARNING,
            "A path's beginning that ends within a segment",
            "end it with `/`, and compare the path itself by `==`"),
    /** A pattern that matches anywhere. */
    UNANCHORED_PATTERN(
            WARNING,
            "A pattern that may match within the text",
            "begin it with `^`, end it with `$`, group alternatives"),
    /** A Deny of just one spelling of a path. */
    EXACT_PATH_DENIED(INFO, "A Deny of one spelling of a path", "deny the prefix, or allow what is wanted instead"),
    /** A text that a path can't be. */
    IMPOSSIBLE_PATH(
            ERROR,
            "A path that no request has",
            "compare `request.path` as it is sent: no query, no blanks, `/` first"),
    /** A method in another case. */
    METHOD_CASE(WARNING, "A method in lower case", "write it in upper case: methods are compared as they are sent"),
    /** A header name that is never seen in this case. */
    HEADER_NAME_CASE(ERROR, "A header's name in upper case", "write it in lower case, as the names are listed"),
    /** A header's parameters make it another text. */
    CONTENT_TYPE_EXACT(
            WARNING,
            "A media type compared as a whole",
            "use `startsWith`, since parameters such as `charset` may follow"),
    /** A mail address that nobody checked. */
    UNVERIFIED_EMAIL(
            WARNING, "A mail address that may not be verified", "test `default(jwt.email_verified, false)` too"),
    /** A subject without its issuer. */
    ISSUER_UNTESTED(
            WARNING, "A claim that several issuers may give", "test `jwt.iss` too: a name is unique within its issuer"),
    /** An audience compared as a text. */
    AUDIENCE_COMPARED(WARNING, "`aud` may be a list", "use the provider's `audiences`, which knows both forms"),
    /** Digits ordered as texts. */
    NUMBER_AS_TEXT(WARNING, "Numbers ordered as texts", "write the number without quotes, or convert with `int(...)`"),
    /** Claims that nobody vouches for. */
    UNVERIFIED_CLAIMS(WARNING, "A rule trusts a token that nobody verified", "use `jwt`, or only deny by what it says"),
    /** What a client can make expensive. */
    UNBOUNDED_COST(
            WARNING, "A client can make the rule too expensive", "bound what it reads, or use a literal pattern"),
    /** A secret stands in the document. */
    SECRET_IN_RULE(
            WARNING,
            "A secret in a rule",
            "take it out of use, and authenticate by tokens or by `apiKeyAuthentication` elsewhere"),
    /** No token has the issuer. */
    UNKNOWN_ISSUER(
            WARNING, "An issuer that no provider has", "write `jwt.iss` as the provider's `issuer`, to the last slash"),
    /** No token that is accepted is for the audience alone. */
    UNKNOWN_AUDIENCE(WARNING, "An audience that no provider takes", "write one of the provider's `audiences`"),
    /** A name near that of a standard claim. */
    MISSPELT_CLAIM(WARNING, "A claim that is probably called otherwise", "write the standard name"),
    /** CEL has a function for it. */
    LENGTH_FIELD(WARNING, "A length that is read as a field", "write `size(x)`"),
    /** Opens where it was to narrow. */
    SOURCE_ONLY_ALLOW(
            WARNING,
            "An Allow by address or time alone",
            "use `action: Require`, or join it with the condition on the token by `&&`"),
    /** What the manifests refer to is not there. */
    DANGLING_REFERENCE(WARNING, "A reference to what is not in the files", "mend the name, or add its file"),
    /** A comment that accepts what is not known. */
    UNKNOWN_ACCEPTANCE(WARNING, "An acceptance that can't be read", "write `# lint: accept id (reason)`"),
    /** A comment that accepts what is not there. */
    UNUSED_ACCEPTANCE(WARNING, "An acceptance of what is not found", "remove it");

    private final Level level;
    private final String summary;
    private final String cure;

    LintRule(Level level, String summary, String cure) {
        this.level = level;
        this.summary = summary;
        this.cure = cure;
    }

    /**
     * The rule's stable name.
     *
     * @return in lower case with hyphens
     */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The rule of a name.
     *
     * @param id the name
     * @return the rule, or nothing where there is none
     */
    public static Optional<LintRule> of(String id) {
        return Arrays.stream(values()).filter(rule -> rule.id().equals(id)).findFirst();
    }

    /**
     * How grave it is.
     *
     * @return the level of each of its findings
     */
    public Level level() {
        return level;
    }

    /**
     * What it is about.
     *
     * @return a phrase without a full stop
     */
    public String summary() {
        return summary;
    }

    /**
     * What to do about it.
     *
     * @return a phrase without a full stop
     */
    public String cure() {
        return cure;
    }

    /** Whether a comment can accept it: what does not load, and what is wrong with acceptances, can't be. */
    boolean canBeAccepted() {
        return this != INVALID_DOCUMENT && this != UNKNOWN_ACCEPTANCE && this != UNUSED_ACCEPTANCE;
    }
}

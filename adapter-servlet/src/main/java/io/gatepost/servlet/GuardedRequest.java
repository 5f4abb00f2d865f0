package io.gatepost.servlet;

import io.gatepost.policy.Credential;
import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.model.TokenLocation;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that was allowed: without its verified credentials, with its body where rules have read it. */
final class GuardedRequest extends HttpServletRequestWrapper {
    private static final String FORM = "application/x-www-form-urlencoded";

    private final ServletResponse response;
    private final byte @Nullable [] body;
    private @Nullable BufferedInput input;
    private @Nullable BufferedReader reader;
    // Set by another thread where the decision took its time.
    private volatile Decision.@Nullable Allow allow;

    GuardedRequest(HttpServletRequest request, ServletResponse response, byte @Nullable [] body) {
        super(request);
        this.response = response;
        this.body = body;
    }

    void allow(Decision.Allow allowed) {
        allow = allowed;
    }

    /** The same over the request of another dispatch; that request itself where it is within it. */
    HttpServletRequest over(HttpServletRequest dispatched, ServletResponse answer) {
        if (dispatched == this
                || (dispatched instanceof HttpServletRequestWrapper wrapper && wrapper.isWrapperFor(this))) {
            return dispatched;
        }
        GuardedRequest again = new GuardedRequest(dispatched, answer, body);
        again.allow = allow;
        return again;
    }

    private HttpServletRequest inner() {
        return (HttpServletRequest) getRequest();
    }

    private PolicyRequest left() {
        PolicyRequest request = new ServletPolicyRequest(inner(), null);
        Decision.Allow allowed = allow;
        return allowed == null ? request : allowed.toForward(request);
    }

    private boolean strips(Class<? extends TokenLocation> location) {
        Decision.Allow allowed = allow;
        return allowed != null
                && allowed.credentials().stream().map(Credential::location).anyMatch(location::isInstance);
    }

    private boolean isStripped(Cookie cookie) {
        Decision.Allow allowed = allow;
        return allowed != null
                && allowed.credentials().stream()
                        .anyMatch(credential -> credential.text().equals(cookie.getValue())
                                || (credential.location() instanceof TokenLocation.Cookie named
                                        && named.name().equals(cookie.getName())));
    }

    @Override
    public @Nullable String getHeader(String name) {
        return left().headers(name).stream().findFirst().orElse(null);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        return Collections.enumeration(left().headers(name));
    }

    @Override
    public Enumeration<String> getHeaderNames() {
        return Collections.enumeration(left().headerNames());
    }

    @Override
    public int getIntHeader(String name) {
        return getHeader(name) == null ? -1 : super.getIntHeader(name);
    }

    @Override
    public long getDateHeader(String name) {
        return getHeader(name) == null ? -1 : super.getDateHeader(name);
    }

    @Override
    public Cookie @Nullable [] getCookies() {
        Cookie[] cookies = super.getCookies();
        if (cookies == null) {
            return null;
        }
        Cookie[] left = Arrays.stream(cookies)
                .filter(cookie -> !isStripped(cookie))
                .toArray(Cookie[]::new);
        return left.length == 0 ? null : left;
    }

    @Override
    public @Nullable String getQueryString() {
        return strips(TokenLocation.QueryParameter.class) ? left().query() : super.getQueryString();
    }

    /** A dispatch keeps the query that it started from in an attribute. */
    @Override
    public @Nullable Object getAttribute(String name) {
        Object value = super.getAttribute(name);
        return value != null && name.endsWith(".query_string") && value.equals(super.getQueryString())
                ? getQueryString()
                : value;
    }

    @Override
    public @Nullable String getParameter(String name) {
        String[] values = getParameterMap().get(name);
        return values == null ? null : values[0];
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
        return getParameterMap().get(name);
    }

    @Override
    public Enumeration<String> getParameterNames() {
        return Collections.enumeration(getParameterMap().keySet());
    }

    @Override
    public Map<String, String[]> getParameterMap() {
        Map<String, String[]> all = body == null ? super.getParameterMap() : parameters(body);
        Decision.Allow allowed = allow;
        if (allowed == null || !strips(TokenLocation.QueryParameter.class)) {
            return all;
        }
        Map<String, String[]> left = new LinkedHashMap<>(all);
        for (Credential credential : allowed.credentials()) {
            if (credential.location() instanceof TokenLocation.QueryParameter parameter) {
                left.remove(parameter.name());
            }
        }
        return Collections.unmodifiableMap(left);
    }

    private Map<String, String[]> parameters(byte[] read) {
        Parameters parameters = new Parameters().addQuery(super.getQueryString());
        String type = getContentType();
        if (type != null && type.toLowerCase(Locale.ROOT).startsWith(FORM)) {
            parameters.addForm(read, charset(StandardCharsets.UTF_8));
        }
        return parameters.map();
    }

    private Charset charset(Charset otherwise) {
        String name = getCharacterEncoding();
        return name == null ? otherwise : Charset.forName(name);
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        if (body == null) {
            return super.getInputStream();
        }
        if (input == null) {
            input = new BufferedInput(body);
        }
        return input;
    }

    @Override
    public BufferedReader getReader() throws IOException {
        if (body == null) {
            return super.getReader();
        }
        if (reader == null) {
            reader = new BufferedReader(new InputStreamReader(getInputStream(), charset(StandardCharsets.ISO_8859_1)));
        }
        return reader;
    }

    private @Nullable VerifiedToken token() {
        Decision.Allow allowed = allow;
        return allowed == null ? null : allowed.token();
    }

    @Override
    public @Nullable Principal getUserPrincipal() {
        VerifiedToken token = token();
        return token == null ? super.getUserPrincipal() : TokenPrincipal.of(token);
    }

    @Override
    public @Nullable String getRemoteUser() {
        Principal principal = getUserPrincipal();
        return principal == null ? null : principal.getName();
    }

    /** Not the container's own request, which still has the credentials. */
    @Override
    public AsyncContext startAsync() {
        return startAsync(this, response);
    }
}

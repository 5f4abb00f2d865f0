package io.gatepost.servlet;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.request.Credential;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.PushBuilder;
import java.io.IOException;
import java.security.Principal;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that was allowed: as its rules saw it, without its verified credentials. */
final class GuardedRequest extends ReadRequest {
    private final Decision.Allow allow;
    private final TrustedProxies proxies;
    private final PolicyRequest left;
    private @Nullable ServletResponse response;

    GuardedRequest(HttpServletRequest request, Decision.Allow allow, TrustedProxies proxies, byte @Nullable [] body) {
        super(request, body);
        this.allow = allow;
        this.proxies = proxies;
        left = allow.toForward(new ServletPolicyRequest(request));
    }

    /** Goes on with the request of a dispatch, which is this one or follows from it. */
    void passOn(HttpServletRequest dispatched, HttpServletResponse answer, FilterChain chain)
            throws IOException, ServletException {
        HttpServletResponse kept = strips(TokenLocation.QueryParameter.class) ? new UnstoredResponse(answer) : answer;
        GuardedRequest guarded = over(dispatched);
        guarded.response = kept;
        chain.doFilter(guarded, kept);
    }

    private GuardedRequest over(HttpServletRequest dispatched) {
        if (dispatched == this) {
            return this;
        }
        boolean within = dispatched instanceof HttpServletRequestWrapper wrapper && wrapper.isWrapperFor(this);
        // A wrapper may have changed the body.
        return new GuardedRequest(ClientRequest.of(dispatched, proxies), allow, proxies, within ? null : body());
    }

    private boolean strips(Class<? extends TokenLocation> location) {
        return allow.credentials().stream().map(Credential::location).anyMatch(location::isInstance);
    }

    private boolean isStripped(Cookie cookie) {
        return allow.credentials().stream()
                .anyMatch(credential -> credential.text().equals(cookie.getValue())
                        || (credential.location() instanceof TokenLocation.Cookie named
                                && named.name().equals(cookie.getName())));
    }

    /** Whether {@code Connection} names a header, which then ended with the hop to here. */
    private boolean isEnded(String header) {
        return super.getHeader(header) != null && left.headers(header).isEmpty();
    }

    @Override
    public @Nullable String getHeader(String name) {
        return left.headers(name).stream().findFirst().orElse(null);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        return Collections.enumeration(left.headers(name));
    }

    @Override
    public Enumeration<String> getHeaderNames() {
        return Collections.enumeration(left.headerNames());
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
        if (cookies == null || isEnded("Cookie")) {
            return null;
        }
        Cookie[] kept =
                Arrays.stream(cookies).filter(cookie -> !isStripped(cookie)).toArray(Cookie[]::new);
        return kept.length == 0 ? null : kept;
    }

    @Override
    public @Nullable String getContentType() {
        return isEnded("Content-Type") ? null : super.getContentType();
    }

    @Override
    public Locale getLocale() {
        return isEnded("Accept-Language") ? Locale.getDefault() : super.getLocale();
    }

    @Override
    public Enumeration<Locale> getLocales() {
        return isEnded("Accept-Language") ? Collections.enumeration(List.of(Locale.getDefault())) : super.getLocales();
    }

    @Override
    public @Nullable String getQueryString() {
        return strips(TokenLocation.QueryParameter.class) ? left.query() : super.getQueryString();
    }

    /** A dispatch keeps queries in attributes, the one that it started from among them. */
    @Override
    public @Nullable Object getAttribute(String name) {
        Object value = super.getAttribute(name);
        return value instanceof String query && name.endsWith(".query_string") ? withoutCredentials(query) : value;
    }

    private @Nullable String withoutCredentials(String query) {
        return strips(TokenLocation.QueryParameter.class)
                ? allow.toForward(new ServletPolicyRequest(new Queried(inner(), query)))
                        .query()
                : query;
    }

    /** A request with another query. */
    private static final class Queried extends HttpServletRequestWrapper {
        private final String query;

        Queried(HttpServletRequest request, String query) {
            super(request);
            this.query = query;
        }

        @Override
        public String getQueryString() {
            return query;
        }
    }

    private HttpServletRequest inner() {
        return (HttpServletRequest) getRequest();
    }

    /** None where it would hold the query's credential. */
    @Override
    public @Nullable PushBuilder newPushBuilder() {
        return strips(TokenLocation.QueryParameter.class) ? null : super.newPushBuilder();
    }

    @Override
    public Map<String, String[]> getParameterMap() {
        Map<String, String[]> all = isEnded("Content-Type") ? ofTheQuery() : super.getParameterMap();
        if (!strips(TokenLocation.QueryParameter.class)) {
            return all;
        }
        Map<String, String[]> kept = new LinkedHashMap<>(all);
        for (Credential credential : allow.credentials()) {
            if (credential.location() instanceof TokenLocation.QueryParameter parameter) {
                kept.remove(parameter.name());
            }
        }
        return Collections.unmodifiableMap(kept);
    }

    private Map<String, String[]> ofTheQuery() {
        return new Parameters().addQuery(super.getQueryString()).map();
    }

    @Override
    public @Nullable Principal getUserPrincipal() {
        VerifiedToken token = allow.token();
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
        return response == null ? super.startAsync() : startAsync(this, response);
    }
}

package io.gatepost.servlet;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.forward.Client;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.request.RequestTarget;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/**
 * A request that says who its client is: whoever connected, or whom a trusted proxy in front names. Its
 * {@code X-Forwarded-*} and {@code Forwarded} headers are those that an upstream will get, whatever the client sent.
 */
final class ClientRequest extends HttpServletRequestWrapper {
    private final Client client;
    private final boolean told;
    private final PolicyRequest view;

    private ClientRequest(HttpServletRequest request, PolicyRequest asItCame, Client client) {
        super(request);
        this.client = client;
        told = !client.equals(Client.of(asItCame));
        view = client.in(asItCame);
    }

    /** The request as it is where that was settled before. */
    static HttpServletRequest of(HttpServletRequest request, TrustedProxies proxies) {
        if (isBehind(request)) {
            return request;
        }
        ServletPolicyRequest asItCame = new ServletPolicyRequest(request);
        return new ClientRequest(request, asItCame, proxies.clientOf(asItCame));
    }

    /** Whether it was settled who a request's client is. */
    static boolean isBehind(HttpServletRequest request) {
        return request instanceof ClientRequest
                || (request instanceof ServletRequestWrapper wrapper && wrapper.isWrapperFor(ClientRequest.class));
    }

    @Override
    public @Nullable String getHeader(String name) {
        return view.headers(name).stream().findFirst().orElse(null);
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        return Collections.enumeration(view.headers(name));
    }

    @Override
    public Enumeration<String> getHeaderNames() {
        return Collections.enumeration(view.headerNames());
    }

    @Override
    public String getRemoteAddr() {
        return told ? client.address() : super.getRemoteAddr();
    }

    @Override
    public String getRemoteHost() {
        return told ? client.address() : super.getRemoteHost();
    }

    /** Of a client behind a proxy the port is not known. */
    @Override
    public int getRemotePort() {
        return told ? 0 : super.getRemotePort();
    }

    @Override
    public String getScheme() {
        return told ? client.scheme() : super.getScheme();
    }

    @Override
    public boolean isSecure() {
        return told ? client.scheme().equals("https") : super.isSecure();
    }

    @Override
    public String getServerName() {
        return told && !client.host().isEmpty() ? RequestTarget.hostName(client.host()) : super.getServerName();
    }

    @Override
    public int getServerPort() {
        return told && !client.host().isEmpty() ? port(RequestTarget.port(client.host())) : super.getServerPort();
    }

    /** The scheme's own where none is written. */
    private int port(String written) {
        int standard = isSecure() ? 443 : 80;
        try {
            return written.isEmpty() ? standard : Integer.parseInt(written);
        } catch (NumberFormatException e) {
            return standard;
        }
    }

    @Override
    public StringBuffer getRequestURL() {
        return told && !client.host().isEmpty()
                ? new StringBuffer(client.scheme() + "://" + client.host() + getRequestURI())
                : super.getRequestURL();
    }
}

package io.gatepost.samples.gateway.server;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.request.RequestTarget;
import io.gatepost.routes.manifest.RouteFilters;
import io.gatepost.routes.manifest.RouteFilters.HeaderChanges;
import io.gatepost.routes.manifest.RouteFilters.PathChange;
import io.gatepost.routes.manifest.RouteFilters.Redirect;
import io.gatepost.undertow.PolicyHandler;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;

/**
 * A rule's filters as handlers. Policies judge the request as the client sent it; what comes after is the operator's
 * own and not the client's to choose ({@code docs/semantics.md#what-a-route-changes-and-when}).
 */
final class Filters {
    private Filters() {}

    /** In front of a rule's policies, so that refusals get the headers too. */
    static HttpHandler aroundPolicies(RouteFilters filters, HttpHandler next) {
        HeaderChanges changes = filters.response();
        if (changes == null) {
            return next;
        }
        return exchange -> {
            exchange.addResponseCommitListener(committed -> change(committed.getResponseHeaders(), changes));
            next.handleRequest(exchange);
        };
    }

    /** Behind a rule's policies. */
    static HttpHandler behindPolicies(RouteFilters filters, HttpHandler backends) {
        if (filters.redirect() != null) {
            Redirect redirect = filters.redirect();
            return exchange -> redirect(exchange, redirect);
        }
        PathChange path = filters.rewrite() == null ? null : filters.rewrite().path();
        HeaderChanges changes = filters.request();
        if (path == null && changes == null) {
            return backends;
        }
        return exchange -> {
            if (changes != null) {
                change(exchange.getRequestHeaders(), changes);
            }
            if (path != null) {
                setPath(exchange, path.of(PolicyHandler.request(exchange).path()));
            }
            backends.handleRequest(exchange);
        };
    }

    static void setPath(HttpServerExchange exchange, String path) {
        exchange.setRequestURI(path, false);
        exchange.setRequestPath(path);
        exchange.setRelativePath(path);
    }

    private static void change(HeaderMap headers, HeaderChanges changes) {
        changes.set().forEach((name, value) -> headers.put(new HttpString(name), value));
        changes.add().forEach((name, value) -> headers.add(new HttpString(name), value));
        changes.remove().forEach(headers::remove);
    }

    private static void redirect(HttpServerExchange exchange, Redirect redirect) {
        exchange.setStatusCode(redirect.status());
        exchange.getResponseHeaders().put(Headers.LOCATION, location(PolicyHandler.request(exchange), redirect));
        exchange.endExchange();
    }

    private static String location(PolicyRequest request, Redirect redirect) {
        String scheme = redirect.scheme() == null ? request.scheme() : redirect.scheme();
        String host = RequestTarget.hostName(request.host());
        String port = redirect.scheme() == null ? RequestTarget.port(request.host()) : "";
        if (redirect.port() != null) {
            port = redirect.port().toString();
        }
        boolean standard = port.isEmpty() || port.equals(scheme.equals("https") ? "443" : "80");
        String path = redirect.path() == null ? request.path() : redirect.path().of(request.path());
        return scheme + "://" + (redirect.hostname() == null ? host : redirect.hostname())
                + (standard ? "" : ":" + port) + path + (request.query() == null ? "" : "?" + request.query());
    }
}

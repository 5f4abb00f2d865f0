package io.gatepost.servlet;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.web.filter.OncePerRequestFilter;

/** Filters as applications have them behind a guard, and a servlet. Each notes the requests that it sees. */
final class FiltersBehind {
    /** By the request's header {@code X-Id}: a letter for each that has seen it, in order. */
    private final Map<String, String> seen = new ConcurrentHashMap<>();

    private final HttpServlet servlet = new HttpServlet() {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            note(request, "S");
            response.getOutputStream().write('.');
        }
    };

    private void note(HttpServletRequest request, String letter) {
        seen.merge(request.getHeader("X-Id"), letter, String::concat);
    }

    HttpServlet servlet() {
        return servlet;
    }

    /**
     * What has seen a request: P for a plain filter, O for a OncePerRequestFilter, C for the CsrfFilter, S the servlet.
     */
    String seen(String id) {
        return seen.getOrDefault(id, "");
    }

    Filter[] all() {
        Filter plain = (request, response, chain) -> {
            note((HttpServletRequest) request, "P");
            chain.doFilter(request, response);
        };
        Filter once = new OncePerRequestFilter() {
            @Override
            protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                    throws ServletException, IOException {
                note(request, "O");
                chain.doFilter(request, response);
            }
        };
        CsrfFilter csrf = new CsrfFilter(CookieCsrfTokenRepository.withHttpOnlyFalse());
        csrf.setRequireCsrfProtectionMatcher(request -> {
            note(request, "C");
            return request.getMethod().equals("POST");
        });
        return new Filter[] {plain, once, csrf};
    }
}

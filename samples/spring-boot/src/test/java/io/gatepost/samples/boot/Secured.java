package io.gatepost.samples.boot;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * What an application adds that has Spring Security and filters of its own. Each notes the requests that it sees, by
 * their header {@code X-Id}: C for the CsrfFilter, O for a OncePerRequestFilter, P for a filter mapped to REQUEST.
 */
class Secured {
    static final Map<String, String> SEEN = new ConcurrentHashMap<>();

    private static void note(HttpServletRequest request, String letter) {
        SEEN.merge(String.valueOf(request.getHeader("X-Id")), letter, String::concat);
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http) {
        return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                // Takes over whom the guard has authenticated.
                .jee(Customizer.withDefaults())
                .csrf(csrf -> csrf.requireCsrfProtectionMatcher(request -> {
                    note(request, "C");
                    return request.getMethod().equals("POST");
                }))
                .build();
    }

    @Bean
    OncePerRequestFilter once() {
        return new OncePerRequestFilter() {
            @Override
            protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                    throws ServletException, IOException {
                note(request, "O");
                chain.doFilter(request, response);
            }
        };
    }

    @Bean
    FilterRegistrationBean<Filter> plain() {
        FilterRegistrationBean<Filter> plain = new FilterRegistrationBean<>((request, response, chain) -> {
            note((HttpServletRequest) request, "P");
            chain.doFilter(request, response);
        });
        plain.setDispatcherTypes(DispatcherType.REQUEST);
        return plain;
    }
}

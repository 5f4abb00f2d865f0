package io.gatepost.benchmarks.peer;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatchers;

/** Spring Cloud Gateway as a resource server: a signature, an issuer, an audience and the subject, as the others check. */
@SpringBootApplication
@EnableWebFluxSecurity
public class PeerApplication {
    public static void main(String[] arguments) {
        SpringApplication.run(PeerApplication.class, arguments);
    }

    @Bean
    SecurityWebFilterChain guard(ServerHttpSecurity http) {
        return http.csrf(ServerHttpSecurity.CsrfSpec::disable)
                .authorizeExchange(exchanges -> exchanges
                        .matchers(ServerWebExchangeMatchers.anyExchange())
                        .access((authentication, context) -> authentication.map(known -> new AuthorizationDecision(
                                known.getPrincipal() instanceof Jwt jwt && "alice".equals(jwt.getSubject())))))
                .oauth2ResourceServer(server -> server.jwt(jwt -> {}))
                .build();
    }
}

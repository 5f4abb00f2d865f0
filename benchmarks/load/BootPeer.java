package io.gatepost.benchmarks;

import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.servlet.PolicyFilter;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** The sample's Spring Boot application with an answer of 1 KiB, guarded where a policy is given: {@code BootPeer PORT [POLICY]}. */
@SpringBootApplication(proxyBeanMethods = false)
public class BootPeer {
    public static void main(String[] arguments) {
        SpringApplication application = new SpringApplication(BootPeer.class);
        application.setDefaultProperties(arguments.length < 2
                ? Map.of("server.port", arguments[0], "server.address", "127.0.0.1", "server.tomcat.max-keep-alive-requests", "-1")
                : Map.of("server.port", arguments[0], "server.address", "127.0.0.1", "server.tomcat.max-keep-alive-requests", "-1",
                        "gatepost.policy-file", arguments[1]));
        application.run();
        System.out.println("ready");
    }

    @Bean
    @ConditionalOnProperty("gatepost.policy-file")
    FilterRegistrationBean<PolicyFilter> guard(@Value("${gatepost.policy-file}") String policyFile) {
        FilterRegistrationBean<PolicyFilter> guard = new FilterRegistrationBean<>(new PolicyFilter());
        guard.addInitParameter("policyFile", policyFile);
        guard.addInitParameter("expressionCompiler", CelExpressionCompiler.class.getName());
        guard.setDispatcherTypes(EnumSet.allOf(DispatcherType.class));
        guard.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return guard;
    }

    @RestController
    static class Answer {
        private static final String BODY = "x".repeat(1024);

        @PostMapping(path = "/v1/chat/completions", produces = MediaType.APPLICATION_JSON_VALUE)
        String answer(@RequestBody String body) {
            return BODY;
        }
    }
}

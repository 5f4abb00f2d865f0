package io.gatepost.samples.boot;

import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.servlet.PolicyFilter;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;

/** An application like any other; the bean is all that guards it. */
@SpringBootApplication(proxyBeanMethods = false)
public class Application {
    /**
     * Starts the application.
     *
     * @param args Spring Boot's, such as {@code --gatepost.policy-file=policy.yaml}
     */
    public static void main(String[] args) {
        SpringApplication.run(Application.class, args);
    }

    @Bean
    FilterRegistrationBean<PolicyFilter> guard(
            @Value("${gatepost.policy-file}") String policyFile,
            @Value("${gatepost.target:}") String target,
            @Value("${gatepost.trusted-proxies:}") String trustedProxies) {
        FilterRegistrationBean<PolicyFilter> guard = new FilterRegistrationBean<>(new PolicyFilter());
        guard.addInitParameter("policyFile", policyFile);
        guard.addInitParameter("target", target);
        guard.addInitParameter("trustedProxies", trustedProxies);
        guard.addInitParameter("expressionCompiler", CelExpressionCompiler.class.getName());
        guard.setDispatcherTypes(EnumSet.allOf(DispatcherType.class));
        guard.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return guard;
    }
}

package io.gatepost.samples.boot;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.servlet.PolicyFilter;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.servlet.FilterRegistrationBean;

/** Leaves the registration as the application made it, with another engine. */
record Given(PolicyEngine engine) implements BeanPostProcessor {
    @Override
    @SuppressWarnings("unchecked")
    public Object postProcessBeforeInitialization(Object bean, String name) {
        if (name.equals("guard")) {
            ((FilterRegistrationBean<PolicyFilter>) bean).setFilter(new PolicyFilter(engine));
        } else if (bean instanceof TomcatServletWebServerFactory tomcat) {
            // Otherwise it asks for a body before anybody wants it.
            tomcat.addConnectorCustomizers(connector -> connector.setProperty("continueResponseTiming", "onRead"));
        }
        return bean;
    }
}

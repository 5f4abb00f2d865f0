package io.gatepost.samples.boot;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.Upstream;
import io.gatepost.servlet.LlmForwardingServlet;
import io.gatepost.testkit.AdapterContract;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** The application on its embedded Tomcat, with the case's engine in its own bean, and forwarding behind that. */
class SpringBootContractTest extends AdapterContract {
    /** The cases read the log, which Spring Boot would set up anew. */
    @BeforeAll
    static void leaveTheLogAlone() {
        System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
    }

    @AfterAll
    static void setUpTheLogAgain() {
        System.clearProperty(LoggingSystem.SYSTEM_PROPERTY);
    }

    @Override
    public Adapter start(PolicyEngine engine, Upstream upstream) {
        ConfigurableApplicationContext application = new SpringApplicationBuilder(Application.class)
                .initializers(context -> replace((GenericApplicationContext) context, engine, upstream))
                .run("--server.port=0", "--server.address=127.0.0.1", "--gatepost.policy-file=of-the-case");
        return new Adapter() {
            @Override
            public InetSocketAddress address() {
                int port = Objects.requireNonNull(((ServletWebServerApplicationContext) application).getWebServer())
                        .getPort();
                return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            }

            @Override
            public void close() {
                application.close();
            }
        };
    }

    private static void replace(GenericApplicationContext context, PolicyEngine engine, Upstream upstream) {
        context.registerBean("given", Given.class, () -> new Given(engine));
        context.registerBean(
                "forwarding",
                ServletRegistrationBean.class,
                () -> new ServletRegistrationBean<>(LlmForwardingServlet.to(upstream), "/*"));
    }

    @Override
    public Set<String> serverLoggers() {
        return Set.of("org.apache", "org.springframework");
    }

    @Override
    public boolean forwardsOverJdkClient() {
        return true;
    }
}

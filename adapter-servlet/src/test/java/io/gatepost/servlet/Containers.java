package io.gatepost.servlet;

import io.gatepost.testkit.AdapterContract.Adapter;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.xnio.IoUtils;

/** Real containers on loopback, with one filter in front of one servlet for every path. */
final class Containers {
    private Containers() {}

    /** How a container is started. */
    interface Starter {
        Adapter start(Filter filter, Servlet servlet) throws Exception;
    }

    private interface Stop {
        void run() throws Exception;
    }

    private record Started(InetSocketAddress address, Stop stop) implements Adapter {
        @Override
        public void close() {
            try {
                stop.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    static Adapter jetty(Filter filter, Servlet servlet) throws Exception {
        return jetty(new FilterHolder(filter), servlet);
    }

    static Adapter jetty(Map<String, String> initParams, Servlet servlet) throws Exception {
        FilterHolder guard = new FilterHolder(PolicyFilter.class);
        initParams.forEach(guard::setInitParameter);
        return jetty(guard, servlet);
    }

    private static Adapter jetty(FilterHolder guard, Servlet servlet) throws Exception {
        Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        ServletContextHandler context = new ServletContextHandler("/");
        guard.setAsyncSupported(true);
        context.addFilter(guard, "/*", EnumSet.allOf(DispatcherType.class));
        ServletHolder target = new ServletHolder(servlet);
        target.setAsyncSupported(true);
        context.addServlet(target, "/*");
        server.setHandler(context);
        server.start();
        int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        return new Started(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), server::stop);
    }

    static Adapter tomcat(Filter filter, Servlet servlet) throws Exception {
        Path base = Files.createTempDirectory("tomcat");
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(base.toString());
        tomcat.setPort(0);
        tomcat.setHostname("127.0.0.1");
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        // Otherwise it asks for a body before anybody wants it.
        tomcat.getConnector().setProperty("continueResponseTiming", "onRead");
        Context context = tomcat.addContext("", base.toString());
        FilterDef definition = new FilterDef();
        definition.setFilterName("guard");
        definition.setFilter(filter);
        definition.setAsyncSupported("true");
        context.addFilterDef(definition);
        FilterMap map = new FilterMap();
        map.setFilterName("guard");
        map.addURLPattern("/*");
        EnumSet.allOf(DispatcherType.class).forEach(type -> map.setDispatcher(type.name()));
        context.addFilterMap(map);
        ((StandardContext) context).setClearReferencesThreadLocals(false);
        ((StandardContext) context).setClearReferencesRmiTargets(false);
        Wrapper target = Tomcat.addServlet(context, "target", servlet);
        target.setAsyncSupported(true);
        target.addMapping("/*");
        tomcat.start();
        int port = tomcat.getConnector().getLocalPort();
        return new Started(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), () -> {
            tomcat.stop();
            tomcat.destroy();
            deleteAll(base);
        });
    }

    private static void deleteAll(Path base) throws IOException {
        try (Stream<Path> files = Files.walk(base)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    static Adapter undertow(Filter filter, Servlet servlet) throws Exception {
        DeploymentInfo deployment = Servlets.deployment()
                .setClassLoader(Containers.class.getClassLoader())
                .setContextPath("/")
                .setDeploymentName("guarded")
                .setExceptionHandler((exchange, request, response, failure) -> breakOff(exchange))
                .addFilter(Servlets.filter("guard", filter.getClass(), new ImmediateInstanceFactory<>(filter))
                        .setAsyncSupported(true))
                .addServlet(Servlets.servlet("target", servlet.getClass(), new ImmediateInstanceFactory<>(servlet))
                        .setAsyncSupported(true)
                        .addMapping("/*"));
        EnumSet.allOf(DispatcherType.class).forEach(type -> deployment.addFilterUrlMapping("guard", "/*", type));
        DeploymentManager manager = Servlets.newContainer().addDeployment(deployment);
        manager.deploy();
        Undertow server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                // Otherwise it reads 2 MiB of a body at most.
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
                .setHandler(manager.start())
                .build();
        server.start();
        InetSocketAddress address =
                (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
        return new Started(address, () -> {
            server.stop();
            manager.stop();
        });
    }

    /** Undertow ends a response properly whose servlet fails half-way, unless it is told not to. */
    private static boolean breakOff(HttpServerExchange exchange) {
        if (exchange.isResponseStarted()) {
            IoUtils.safeClose(exchange.getConnection());
        }
        return exchange.isResponseStarted();
    }
}

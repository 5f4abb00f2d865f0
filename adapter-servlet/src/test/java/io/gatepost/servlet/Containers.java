package io.gatepost.servlet;

import io.gatepost.testkit.AdapterContract.Adapter;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
import org.junit.jupiter.params.provider.Arguments;
import org.xnio.IoUtils;

/** Real containers on loopback. */
final class Containers {
    private Containers() {}

    /** How a container is started. */
    interface Starter {
        Adapter start(Site site) throws Exception;

        default Adapter start(Filter guard, Servlet servlet) throws Exception {
            return start(Site.of(guard, servlet));
        }
    }

    static Stream<Arguments> all() {
        return Stream.of(
                Arguments.argumentSet("Jetty", (Starter) Containers::jetty),
                Arguments.argumentSet("Tomcat", (Starter) Containers::tomcat),
                Arguments.argumentSet("Undertow", (Starter) Containers::undertow));
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

    static Adapter jetty(Site site) throws Exception {
        return jetty(site, site.guards().stream().map(FilterHolder::new).toList());
    }

    static Adapter jetty(Map<String, String> initParams, Servlet servlet) throws Exception {
        FilterHolder guard = new FilterHolder(PolicyFilter.class);
        initParams.forEach(guard::setInitParameter);
        return jetty(new Site("", "/*", List.of(), List.of(), servlet), List.of(guard));
    }

    private static Adapter jetty(Site site, List<FilterHolder> guards) throws Exception {
        Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        ServletContextHandler context = new ServletContextHandler(site.context().isEmpty() ? "/" : site.context());
        for (FilterHolder guard : guards) {
            guard.setAsyncSupported(true);
            context.addFilter(guard, "/*", EnumSet.allOf(DispatcherType.class));
        }
        for (Filter filter : site.behind()) {
            FilterHolder behind = new FilterHolder(filter);
            behind.setAsyncSupported(true);
            context.addFilter(behind, "/*", EnumSet.of(DispatcherType.REQUEST));
        }
        ServletHolder target = new ServletHolder(site.servlet());
        target.setAsyncSupported(true);
        target.getRegistration().setMultipartConfig(new MultipartConfigElement(""));
        context.addServlet(target, site.mapping());
        server.setHandler(context);
        server.start();
        int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        return new Started(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), server::stop);
    }

    static Adapter tomcat(Site site) throws Exception {
        Path base = Files.createTempDirectory("tomcat");
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(base.toString());
        tomcat.setPort(0);
        tomcat.setHostname("127.0.0.1");
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        // Otherwise it asks for a body before anybody wants it.
        tomcat.getConnector().setProperty("continueResponseTiming", "onRead");
        Context context = tomcat.addContext(site.context(), base.toString());
        int number = 0;
        for (Filter guard : site.guards()) {
            addFilter(context, "guard" + number++, guard, EnumSet.allOf(DispatcherType.class));
        }
        for (Filter behind : site.behind()) {
            addFilter(context, "behind" + number++, behind, EnumSet.of(DispatcherType.REQUEST));
        }
        ((StandardContext) context).setClearReferencesThreadLocals(false);
        ((StandardContext) context).setClearReferencesRmiTargets(false);
        Wrapper target = Tomcat.addServlet(context, "target", site.servlet());
        target.setAsyncSupported(true);
        target.setMultipartConfigElement(new MultipartConfigElement(""));
        target.addMapping(site.mapping());
        tomcat.start();
        int port = tomcat.getConnector().getLocalPort();
        return new Started(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), () -> {
            tomcat.stop();
            tomcat.destroy();
            deleteAll(base);
        });
    }

    private static void addFilter(Context context, String name, Filter filter, Set<DispatcherType> dispatches) {
        FilterDef definition = new FilterDef();
        definition.setFilterName(name);
        definition.setFilter(filter);
        definition.setAsyncSupported("true");
        context.addFilterDef(definition);
        FilterMap map = new FilterMap();
        map.setFilterName(name);
        map.addURLPattern("/*");
        dispatches.forEach(type -> map.setDispatcher(type.name()));
        context.addFilterMap(map);
    }

    private static void deleteAll(Path base) throws IOException {
        try (Stream<Path> files = Files.walk(base)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    static Adapter undertow(Site site) throws Exception {
        DeploymentInfo deployment = Servlets.deployment()
                .setClassLoader(Containers.class.getClassLoader())
                .setContextPath(site.context().isEmpty() ? "/" : site.context())
                .setDeploymentName("guarded")
                .setExceptionHandler((exchange, request, response, failure) -> breakOff(exchange))
                .addServlet(Servlets.servlet(
                                "target", site.servlet().getClass(), new ImmediateInstanceFactory<>(site.servlet()))
                        .setAsyncSupported(true)
                        .setMultipartConfig(new MultipartConfigElement(""))
                        .addMapping(site.mapping()));
        int number = 0;
        for (Filter guard : site.guards()) {
            addFilter(deployment, "guard" + number++, guard, EnumSet.allOf(DispatcherType.class));
        }
        for (Filter behind : site.behind()) {
            addFilter(deployment, "behind" + number++, behind, EnumSet.of(DispatcherType.REQUEST));
        }
        DeploymentManager manager = Servlets.newContainer().addDeployment(deployment);
        manager.deploy();
        Undertow server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                // Otherwise it reads 2 MiB of a body at most.
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
                .setHandler(Handlers.path().addPrefixPath(deployment.getContextPath(), manager.start()))
                .build();
        server.start();
        InetSocketAddress address =
                (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
        return new Started(address, () -> {
            server.stop();
            manager.stop();
        });
    }

    private static void addFilter(
            DeploymentInfo deployment, String name, Filter filter, Set<DispatcherType> dispatches) {
        deployment.addFilter(Servlets.filter(name, filter.getClass(), new ImmediateInstanceFactory<>(filter))
                .setAsyncSupported(true));
        dispatches.forEach(type -> deployment.addFilterUrlMapping(name, "/*", type));
    }

    /** Undertow ends a response properly whose servlet fails half-way, unless it is told not to. */
    private static boolean breakOff(HttpServerExchange exchange) {
        if (exchange.isResponseStarted()) {
            IoUtils.safeClose(exchange.getConnection());
        }
        return exchange.isResponseStarted();
    }
}

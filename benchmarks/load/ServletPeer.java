import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.servlet.PolicyFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;

/** A servlet that answers 1 KiB, behind Gatepost's filter where a policy is given: {@code ServletPeer jetty|tomcat PORT [POLICY]}. */
final class ServletPeer {
    static final class Answer extends HttpServlet {
        private static final byte[] BODY = "x".repeat(1024).getBytes(StandardCharsets.US_ASCII);

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            request.getInputStream().readAllBytes();
            response.setContentType("application/json");
            response.setContentLength(BODY.length);
            response.getOutputStream().write(BODY);
        }
    }

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[1]);
        PolicyFilter guard = arguments.length < 3
                ? null
                : new PolicyFilter(PolicyEngine.builder()
                        .policies(PolicyReader.read(Path.of(arguments[2])))
                        .expressions(new CelExpressionCompiler())
                        .keys(KeySources.create())
                        .build());
        if (arguments[0].equals("jetty")) {
            jetty(port, guard);
        } else {
            tomcat(port, guard);
        }
        System.out.println("ready");
    }

    private static void jetty(int port, PolicyFilter guard) throws Exception {
        ServletContextHandler context = new ServletContextHandler("/");
        if (guard != null) {
            FilterHolder holder = new FilterHolder(guard);
            holder.setAsyncSupported(true);
            context.addFilter(holder, "/*", EnumSet.allOf(DispatcherType.class));
        }
        context.addServlet(new ServletHolder(new Answer()), "/*");
        Server server = new Server(new InetSocketAddress("127.0.0.1", port));
        server.setHandler(context);
        server.start();
    }

    private static void tomcat(int port, PolicyFilter guard) throws Exception {
        Path base = Files.createTempDirectory("tomcat");
        base.toFile().deleteOnExit();
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(base.toString());
        tomcat.setPort(port);
        tomcat.setHostname("127.0.0.1");
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        // Otherwise it closes a connection after 100 requests.
        tomcat.getConnector().setProperty("maxKeepAliveRequests", "-1");
        Context context = tomcat.addContext("", base.toString());
        if (guard != null) {
            FilterDef definition = new FilterDef();
            definition.setFilterName("guard");
            definition.setFilter(guard);
            definition.setAsyncSupported("true");
            context.addFilterDef(definition);
            FilterMap map = new FilterMap();
            map.setFilterName("guard");
            map.addURLPattern("/*");
            EnumSet.allOf(DispatcherType.class).forEach(type -> map.setDispatcher(type.name()));
            context.addFilterMap(map);
        }
        Tomcat.addServlet(context, "answer", new Answer()).addMapping("/*");
        tomcat.start();
    }
}

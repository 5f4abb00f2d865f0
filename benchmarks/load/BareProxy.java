import io.undertow.Undertow;
import io.undertow.server.handlers.proxy.LoadBalancingProxyClient;
import io.undertow.server.handlers.proxy.ProxyHandler;
import java.net.URI;

/** Undertow's own proxy and nothing around it: {@code BareProxy PORT UPSTREAM}. */
final class BareProxy {
    public static void main(String[] arguments) {
        LoadBalancingProxyClient upstream = new LoadBalancingProxyClient()
                .setConnectionsPerThread(10_000)
                .setSoftMaxConnectionsPerThread(10_000)
                .addHost(URI.create(arguments[1]));
        Undertow.builder()
                .addHttpListener(Integer.parseInt(arguments[0]), "127.0.0.1")
                .setHandler(ProxyHandler.builder().setProxyClient(upstream).build())
                .build()
                .start();
        System.out.println("ready");
    }
}

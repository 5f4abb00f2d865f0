package io.gatepost.samples.gateway;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code health}: asks a running gateway, for health checks of containers that have no other program to ask. */
@Command(
        name = "health",
        description = "Exits with 0 where a gateway on this machine is ready, with 1 otherwise.",
        mixinStandardHelpOptions = true)
final class HealthCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Option(
            names = "--admin-port",
            defaultValue = "9901",
            paramLabel = "PORT",
            description = "the gateway's; default ${DEFAULT-VALUE}")
    private int adminPort;

    @Override
    public Integer call() throws InterruptedException {
        HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + "/readyz"))
                .timeout(PATIENCE)
                .build();
        try {
            int status =
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            if (status != 200) {
                throw new CommandException("not ready: /readyz answers " + status);
            }
            return 0;
        } catch (IOException e) {
            throw new CommandException("nothing answers on port " + adminPort + "; is the gateway running?");
        }
    }
}

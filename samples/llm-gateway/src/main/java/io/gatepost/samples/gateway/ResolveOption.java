package io.gatepost.samples.gateway;

import io.gatepost.policy.keys.KeySources;
import io.gatepost.routes.manifest.Manifests;
import io.gatepost.samples.gateway.server.RoutedPolicies;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where connections may go: instead, as curl's {@code --resolve} says it, and for keys that discovery leads to. */
final class ResolveOption {
    private static final Pattern RESOLUTION = Pattern.compile("(.+:\\d{1,5})=(.+):(\\d{1,5})");

    @Option(
            names = "--resolve",
            paramLabel = "HOST:PORT=ADDR:PORT",
            description = "connect to ADDR:PORT where a connection to HOST:PORT is meant; repeatable")
    private List<String> resolve = List.of();

    @Option(
            names = "--discovery-hosts",
            paramLabel = "HOST",
            split = ",",
            description = "follow discovery to the issuer's own host and to these only, also where one is a literal or"
                    + " internal address, or http://HOST without TLS; default any https host by name")
    private @Nullable List<String> discoveryHosts;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    /**
     * By {@code host:port}.
     *
     * @throws ParameterException where one has another form
     */
    Map<String, InetSocketAddress> addresses() {
        Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
        for (String text : resolve) {
            Matcher parts = RESOLUTION.matcher(text);
            if (!parts.matches()) {
                throw new ParameterException(
                        command.commandLine(), "--resolve `" + text + "`: expected HOST:PORT=ADDR:PORT");
            }
            addresses.put(parts.group(1), new InetSocketAddress(parts.group(2), Integer.parseInt(parts.group(3))));
        }
        return addresses;
    }

    /**
     * Tells what reads keys where it may connect to.
     *
     * @throws ParameterException where one has another form
     */
    KeySources keys(Manifests manifests) {
        return RoutedPolicies.keys(manifests, addresses(), discoveryHosts());
    }

    /**
     * Where discovery may lead beside the issuer's own host; null where nothing was said.
     *
     * @throws ParameterException where one is no host
     */
    @Nullable
    List<String> discoveryHosts() {
        if (discoveryHosts != null) {
            try {
                KeySources.builder().discoveryHosts(discoveryHosts);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(command.commandLine(), "--discovery-hosts " + e.getMessage());
            }
        }
        return discoveryHosts;
    }
}

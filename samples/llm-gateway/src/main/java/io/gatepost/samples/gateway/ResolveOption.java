package io.gatepost.samples.gateway;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where to connect instead, as curl's {@code --resolve} says it. */
final class ResolveOption {
    private static final Pattern RESOLUTION = Pattern.compile("(.+:\\d{1,5})=(.+):(\\d{1,5})");

    @Option(
            names = "--resolve",
            paramLabel = "HOST:PORT=ADDR:PORT",
            description = "connect to ADDR:PORT where a connection to HOST:PORT is meant; repeatable")
    private List<String> resolve = List.of();

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
}

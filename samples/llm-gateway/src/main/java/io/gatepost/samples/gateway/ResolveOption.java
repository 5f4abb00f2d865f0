package io.gatepost.samples.gateway;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Where to connect instead, as curl's {@code --resolve} says it. */
final class ResolveOption {
    private static final Pattern RESOLUTION = Pattern.compile("(.+:\\d{1,5})=(.+):(\\d{1,5})");

    @Option(
            names = "--resolve",
            paramLabel = "HOST:PORT=ADDR:PORT",
            description = "connect to ADDR:PORT where a connection to HOST:PORT is meant; repeatable")
    private List<String> resolve = List.of();

    /**
     * By {@code host:port}.
     *
     * @throws IllegalArgumentException where one has another form; its message is the user's
     */
    Map<String, InetSocketAddress> addresses() {
        Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
        for (String text : resolve) {
            Matcher parts = RESOLUTION.matcher(text);
            if (!parts.matches()) {
                throw new IllegalArgumentException("--resolve `" + text + "`: expected HOST:PORT=ADDR:PORT");
            }
            addresses.put(parts.group(1), new InetSocketAddress(parts.group(2), Integer.parseInt(parts.group(3))));
        }
        return addresses;
    }
}

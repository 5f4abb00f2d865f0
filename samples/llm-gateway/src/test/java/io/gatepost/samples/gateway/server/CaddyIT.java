package io.gatepost.samples.gateway.server;

import java.nio.file.Path;
import java.util.List;

class CaddyIT extends ProxyContract {
    @Override
    String configuration() {
        return "Caddyfile";
    }

    @Override
    List<String> command(Path configuration) {
        return List.of("caddy", "run", "--adapter", "caddyfile", "--config", configuration.toString());
    }
}

package io.gatepost.samples.gateway.server;

import java.nio.file.Path;
import java.util.List;

class NginxIT extends ProxyContract {
    @Override
    String configuration() {
        return "nginx.conf";
    }

    @Override
    List<String> command(Path configuration) {
        Path folder = configuration.toAbsolutePath().getParent();
        return List.of(
                "nginx",
                "-p",
                folder + "/",
                "-e",
                "stderr",
                "-c",
                configuration.toString(),
                "-g",
                "daemon off; pid nginx.pid;");
    }
}

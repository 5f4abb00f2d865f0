package io.gatepost.samples.gateway.server;

import java.nio.file.Path;

/** With prior knowledge. */
final class Http2Test extends Http2Contract {
    @Override
    Http2Gateway start(Path folder) throws Exception {
        return Http2Gateway.start(folder, Http2Gateway.ok(), options -> options);
    }
}

package io.gatepost.samples.gateway.server;

import java.nio.file.Path;

/** By ALPN. */
final class Http2TlsTest extends Http2Contract {
    @Override
    Http2Gateway start(Path folder) throws Exception {
        return Http2Gateway.startTls(folder, Http2Gateway.ok());
    }
}

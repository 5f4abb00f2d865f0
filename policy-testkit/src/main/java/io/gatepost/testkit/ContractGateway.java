package io.gatepost.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;

/** An adapter between a client and a scripted upstream, for one case. */
public final class ContractGateway implements AutoCloseable {
    private final AdapterContract.Adapter adapter;
    private final ScriptedUpstream upstream;

    ContractGateway(AdapterContract.Adapter adapter, ScriptedUpstream upstream) {
        this.adapter = adapter;
        this.upstream = upstream;
    }

    /**
     * What is behind the adapter.
     *
     * @return the upstream
     */
    public ScriptedUpstream upstream() {
        return upstream;
    }

    /**
     * A connection of a client.
     *
     * @return the connection; to be closed
     */
    public WireClient connect() {
        return WireClient.connect(adapter.address());
    }

    /**
     * Sends a request without a body on a connection of its own.
     *
     * @param requestLine method, target and version
     * @param headers header lines besides {@code Host}
     * @return the response
     * @throws IOException where there is none
     */
    public WireClient.Response send(String requestLine, String... headers) throws IOException {
        try (WireClient client = connect()) {
            String[] lines = new String[headers.length + 1];
            lines[0] = "Host: gateway.test";
            System.arraycopy(headers, 0, lines, 1, headers.length);
            return client.head(requestLine, lines).response();
        }
    }

    /**
     * Posts JSON to {@code /v1/chat/completions} on a connection of its own.
     *
     * @param body the body
     * @param headers header lines besides those that describe the body
     * @return the response
     * @throws IOException where there is none
     */
    public WireClient.Response post(byte[] body, String... headers) throws IOException {
        return post("/v1/chat/completions", "application/json", body, headers);
    }

    /**
     * Posts a body on a connection of its own.
     *
     * @param target path and query
     * @param contentType its type
     * @param body the body
     * @param headers header lines besides those that describe the body
     * @return the response
     * @throws IOException where there is none
     */
    public WireClient.Response post(String target, String contentType, byte[] body, String... headers)
            throws IOException {
        StringBuilder head = new StringBuilder("POST " + target + " HTTP/1.1\r\nHost: gateway.test\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        head.append("Content-Type: ")
                .append(contentType)
                .append("\r\nContent-Length: ")
                .append(body.length)
                .append("\r\n\r\n");
        try (WireClient client = connect()) {
            return client.send(head.toString().getBytes(ISO_8859_1)).send(body).response();
        }
    }

    @Override
    public void close() throws IOException {
        try (upstream) {
            adapter.close();
        }
    }
}

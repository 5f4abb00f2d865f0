package io.gatepost.undertow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.forward.Upstream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Requests that follow one another without waiting, in whatever pieces they come. */
class PipeliningTest {
    @RepeatedTest(5)
    void answersEachInItsTurn(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        RawUpstream.Answer echo = (request, client) -> {
            String body = request.target() + request.body();
            client.getOutputStream()
                    .write(("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                            .getBytes(ISO_8859_1));
        };
        try (RawUpstream upstream = new RawUpstream(echo);
                GatewayUnderTest gateway = new GatewayUnderTest(LlmForwardingHandler.to(Upstream.of(upstream.url())))) {
            for (int round = 0; round < 100; round++) {
                try (Socket client = gateway.connect()) {
                    client.setTcpNoDelay(true);
                    client.setSoTimeout(20_000);
                    StringBuilder all = new StringBuilder();
                    int count = 1 + random.nextInt(5);
                    String kinds = "";
                    for (int i = 0; i < count; i++) {
                        int kind = random.nextInt(4);
                        kinds += kind;
                        all.append(
                                switch (kind) {
                                    case 0 -> "GET /" + i + " HTTP/1.1\r\nHost: a\r\n\r\n";
                                    case 1 -> "GET /" + i + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
                                    case 2 -> "POST /" + i + " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
                                    default ->
                                        "POST /" + i
                                                + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
                                });
                    }
                    byte[] octets = all.toString().getBytes(ISO_8859_1);
                    int at = 0;
                    String pieces = "";
                    while (at < octets.length) {
                        int n = random.nextInt(3) == 0
                                ? Math.min(octets.length - at, 1 + random.nextInt(100))
                                : octets.length - at;
                        client.getOutputStream().write(octets, at, n);
                        at += n;
                        pieces += " " + n;
                    }
                    for (int i = 0; i < count; i++) {
                        String head;
                        try {
                            head = head(client);
                        } catch (IOException e) {
                            throw new AssertionError("request " + i + " of " + kinds + " in" + pieces + ": " + e);
                        }
                        assertThat(head)
                                .as("request " + i + " of " + kinds + " in" + pieces)
                                .startsWith("HTTP/1.1 200 ");
                        String length = head.replaceAll("(?s).*\r\nContent-Length: ([0-9]+)\r\n.*", "$1");
                        assertThat(new String(client.getInputStream().readNBytes(Integer.parseInt(length)), ISO_8859_1))
                                .startsWith("/" + i);
                    }
                }
            }
        }
    }

    private static String head(Socket client) throws IOException {
        InputStream in = client.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("ended within: " + head);
            }
            head.append((char) octet);
        }
        return head.toString();
    }
}

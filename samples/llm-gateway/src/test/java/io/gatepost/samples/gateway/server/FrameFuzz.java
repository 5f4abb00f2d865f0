package io.gatepost.samples.gateway.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gatepost.testkit.ScriptedUpstream.Received;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Whatever octets a client sends, an upstream gets no other requests than those that are allowed, nobody else's answer
 * suffers, and the log stays a log. In a build {@link FrameSeedsTest} runs the seeds, since Jazzer says much on the
 * standard output; {@code -Pfuzz} looks for more.
 */
class FrameFuzz {
    private static final Pattern LINE = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+ /[!-~]* HTTP/1\\.1");
    private static final Duration BRIEF = Duration.ofSeconds(2);
    private static final int SETTLED_MILLIS = 15;
    private static final int KINDS = 10;

    private static final LogOctets LOG = LogOctets.install();
    private static final Http2Gateway GATEWAY = start();

    private static Http2Gateway start() {
        try {
            return Http2Gateway.start(
                    Files.createTempDirectory("frames"),
                    Http2Gateway.ok(),
                    options -> options.limits(new Limits(8192, 4096, 1000, 10, BRIEF, BRIEF, BRIEF)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The whole input is a block of fields in HPACK. */
    @FuzzTest(maxDuration = "10m")
    void aHeadIsRefusedOrSound(byte[] block) throws IOException {
        ByteArrayOutputStream frames = begin();
        int first = block.length > 0 && (block[0] & 1) == 0 ? block.length / 2 : block.length;
        byte[] start = java.util.Arrays.copyOf(block, first);
        frames.writeBytes(Http2Client.frameOf(Http2Client.HEADERS, first == block.length ? 5 : 1, 1, start));
        if (first < block.length) {
            byte[] rest = java.util.Arrays.copyOfRange(block, first, block.length);
            frames.writeBytes(Http2Client.frameOf(Http2Client.CONTINUATION, 4, 1, rest));
        }
        check(frames.toByteArray());
    }

    /** Bodies of a sound head: each frame is its length, its flags, and as many octets. */
    @FuzzTest(maxDuration = "10m")
    void aBodyIsRefusedOrSentOnWhole(byte[] octets) throws IOException {
        ByteArrayOutputStream frames = begin();
        String length = octets.length == 0 ? "0" : String.valueOf(octets[0] & 0x1f);
        byte[] head = octets.length % 2 == 0
                ? Http2Client.request("POST", "/v1", "content-length", length)
                : Http2Client.request("POST", "/v1");
        frames.writeBytes(Http2Client.frameOf(Http2Client.HEADERS, 4, 1, head));
        for (int at = 1; at + 2 < octets.length; ) {
            int size = Math.min(octets[at] & 0x3f, octets.length - at - 2);
            byte[] payload = java.util.Arrays.copyOfRange(octets, at + 2, at + 2 + size);
            int type = (octets[at] & 0xc0) == 0xc0 ? Http2Client.HEADERS : Http2Client.DATA;
            frames.writeBytes(Http2Client.frameOf(type, octets[at + 1], 1, payload));
            at += 2 + size;
        }
        check(frames.toByteArray());
    }

    /** Any frames on the first streams, beside a sound request. */
    @FuzzTest(maxDuration = "10m")
    void controlFramesAreTakenOrEndTheConnection(byte[] octets) throws IOException {
        ByteArrayOutputStream frames = begin();
        frames.writeBytes(Http2Client.frameOf(Http2Client.HEADERS, 5, 1, Http2Client.get("/v1")));
        for (int at = 0; at + 3 < octets.length; ) {
            int size = Math.min(octets[at + 2] & 0x1f, octets.length - at - 3);
            byte[] payload = java.util.Arrays.copyOfRange(octets, at + 3, at + 3 + size);
            int type = (octets[at] & 0x0f) % KINDS;
            frames.writeBytes(Http2Client.frameOf(type, octets[at + 1], (octets[at] & 0xff) >> 4, payload));
            at += 3 + size;
        }
        check(frames.toByteArray());
    }

    /** The whole input is what a client of HTTP/1.1 sends. */
    @FuzzTest(maxDuration = "10m")
    void octetsOfHttp1AreRefusedOrSound(byte[] octets) throws IOException {
        check(octets);
    }

    /** Ends what all targets share. */
    static void close() throws IOException {
        GATEWAY.close();
        System.setErr(LOG.next);
    }

    private static ByteArrayOutputStream begin() {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
        frames.writeBytes(Http2Client.frameOf(Http2Client.SETTINGS, 0, 0, new byte[0]));
        return frames;
    }

    private static void check(byte[] octets) throws IOException {
        int before = GATEWAY.upstream().received().size();
        exchange(octets);
        String plain =
                exchange("GET /plain HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));

        assertThat(plain).startsWith("HTTP/1.1 200 ").endsWith("ok");
        List<Received> all = GATEWAY.upstream().received();
        for (Received request : all.subList(before, all.size())) {
            assertThat(request.head().startLine()).matches(LINE);
            assertThat(request.head().target()).doesNotStartWith("/admin");
            assertThat(request.head().values("x-admin")).isEmpty();
            assertThat(request.head().values("x-request-id")).hasSize(1);
        }
        assertThat(LOG.hasControls()).isFalse();
    }

    /** What comes until the other end closes, or has nothing more to say. */
    private static String exchange(byte[] octets) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), GATEWAY.port())) {
            socket.setSoTimeout(octets.length > 0 && octets[0] == 'G' ? 5000 : SETTLED_MILLIS);
            StringBuilder text = new StringBuilder();
            try {
                socket.getOutputStream().write(octets);
                InputStream in = socket.getInputStream();
                byte[] buffer = new byte[4096];
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    text.append(new String(buffer, 0, count, ISO_8859_1));
                }
            } catch (SocketTimeoutException silent) {
                // An open stream may stay open.
            } catch (java.net.SocketException refused) {
                text.append("[reset]");
            }
            return text.toString();
        }
    }

    /** The log of this process, looked at as it is written. */
    private static final class LogOctets extends java.io.OutputStream {
        private final PrintStream next;
        private volatile boolean controls;

        private LogOctets(PrintStream next) {
            this.next = next;
        }

        static LogOctets install() {
            LogOctets log = new LogOctets(System.err);
            System.setErr(new PrintStream(log, true));
            return log;
        }

        @Override
        public void write(int octet) {
            boolean control = (octet & 0xff) < 0x20 && octet != '\n' && octet != '\r' && octet != '\t';
            controls |= control || (octet & 0xff) == 0x7f;
            next.write(octet);
        }

        boolean hasControls() {
            return controls;
        }
    }
}

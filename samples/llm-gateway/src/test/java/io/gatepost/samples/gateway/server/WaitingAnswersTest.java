package io.gatepost.samples.gateway.server;

import static io.gatepost.samples.gateway.server.HeldGateway.MANY;
import static io.gatepost.samples.gateway.server.HeldGateway.SOON;
import static io.gatepost.samples.gateway.server.HeldGateway.STREAM;
import static io.gatepost.samples.gateway.server.HeldGateway.TIMES;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A stream that is reset while its answer waits for the client to take more of it (RFC 9113 section 5.2). */
class WaitingAnswersTest {
    private static final String ANSWER = STREAM + "9\r\ndata: 1\n\n\r\n";
    private static final int WINDOW = 65_535;
    private static final String LONG_ANSWER = STREAM + "20000\r\n" + "x".repeat(0x20000) + "\r\n";

    @TempDir
    private Path folder;

    private @Nullable HeldGateway gateway;

    @AfterEach
    void stop() throws IOException {
        gateway().close();
    }

    private HeldGateway gateway() {
        return Objects.requireNonNull(gateway, "not started");
    }

    private void start(String begun, int streams) throws IOException {
        gateway = new HeldGateway(folder, begun, null, streams);
    }

    /** By a reset of the client's, or of the gateway's because a stream goes on that had ended. */
    @ParameterizedTest
    @CsvSource({"0, false", "4, false", "65535, false", "0, true", "4, true"})
    void endsTheUpstreamsWorkWhereAStreamIsResetWhoseAnswerWaitsForFlowControl(int window, boolean goesOn)
            throws Exception {
        start(window == WINDOW ? LONG_ANSWER : ANSWER, MANY);
        try (FrameClient client = FrameClient.clear(gateway().port(), window)) {
            for (int i = 0; i < TIMES; i++) {
                int stream = client.get("/v1");
                gateway().awaitHead();
                awaitWindow(client, stream, window);
                if (goesOn) {
                    client.data(stream, new byte[1], true);
                } else {
                    client.reset(stream);
                }
                gateway().assertEnds();
            }
        }
        gateway().assertNothingIsUnderWay();
    }

    @Test
    void endsTheUpstreamsWorkOfManyStreamsWhoseAnswersWait() throws Exception {
        start(LONG_ANSWER, MANY);
        try (FrameClient client = FrameClient.clear(gateway().port(), WINDOW)) {
            for (int round = 0; round < 2; round++) {
                List<Integer> streams = new ArrayList<>();
                for (int i = 0; i < 60; i++) {
                    streams.add(client.get("/v1"));
                }
                for (int stream : streams) {
                    awaitWindow(client, stream, WINDOW);
                }
                for (int stream : streams) {
                    client.reset(stream);
                }
                for (int i = 0; i < 60; i++) {
                    gateway().assertEnds();
                }
            }
        }
        gateway().assertNothingIsUnderWay();
    }

    @Test
    void hasNoMoreUnderWayThanTheLimitWhereStreamsAreReset() throws Exception {
        int most = 5;
        start(LONG_ANSWER, most);
        int peak = 0;
        try (FrameClient client = FrameClient.clear(gateway().port(), WINDOW)) {
            for (int i = 0; i < 100; i++) {
                int stream = client.get("/v1");
                if (client.await(stream, SOON, answer -> answer.body().length() == WINDOW)
                        .isReset()) {
                    continue;
                }
                client.reset(stream);
                peak = Math.max(peak, gateway().underWay());
            }
        }
        gateway().assertNothingIsUnderWay();
        assertThat(peak).isBetween(1, most);
    }

    private static void awaitWindow(FrameClient client, int stream, int window) throws Exception {
        if (window > 0) {
            client.await(stream, SOON, answer -> answer.body().length() == window);
        }
    }
}

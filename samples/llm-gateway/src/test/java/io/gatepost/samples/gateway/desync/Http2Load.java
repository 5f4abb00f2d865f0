package io.gatepost.samples.gateway.desync;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.gatepost.samples.gateway.desync.RandomRequests.Drawn;
import io.gatepost.samples.gateway.desync.Sent.Fate;
import io.gatepost.samples.gateway.server.FrameClient;
import io.gatepost.samples.gateway.server.StreamAnswer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/** Asks over HTTP/2: several streams at once, whose frames come in pieces and between one another. */
final class Http2Load {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final int port;
    private final Ledger ledger;
    private final RandomRequests requests;
    private final Random random;

    Http2Load(int port, Ledger ledger, RandomRequests requests) {
        this.port = port;
        this.ledger = ledger;
        this.requests = requests;
        random = requests.random;
    }

    /** A stream whose request is not sent whole yet. */
    private static final class Open {
        private final int stream;
        private final Sent sent;
        private final boolean breaksOff;
        private final boolean trailers;
        private int at;

        Open(int stream, Sent sent, boolean breaksOff, boolean trailers) {
            this.stream = stream;
            this.sent = sent;
            this.breaksOff = breaksOff;
            this.trailers = trailers;
        }
    }

    /** Sends so many requests, or a few more. */
    void run(int count) throws IOException, InterruptedException {
        int sent = 0;
        while (sent < count) {
            try (FrameClient client = FrameClient.clear(port)) {
                boolean goesOn = true;
                while (goesOn && sent < count) {
                    int size = requests.chance(3) ? 1 : 1 + random.nextInt(6);
                    sent += size;
                    ledger.underWay();
                    try {
                        goesOn = exchange(client, size);
                    } finally {
                        ledger.answered();
                    }
                    goesOn &= random.nextInt(8) > 0;
                }
            }
        }
    }

    /** One that is none stands alone: it may end the connection, and what else is on it. */
    private Fate fate(int size) {
        return switch (random.nextInt(16)) {
            case 0 -> size == 1 ? Fate.REFUSED : Fate.ALLOWED;
            case 1 -> Fate.LEFT;
            case 2 -> Fate.DENIED;
            default -> Fate.ALLOWED;
        };
    }

    /** Returns whether the connection can be used on. */
    private boolean exchange(FrameClient client, int size) throws IOException, InterruptedException {
        Map<Integer, Sent> asked = new LinkedHashMap<>();
        List<Open> open = new ArrayList<>();
        boolean refused = false;
        try {
            for (int i = 0; i < size; i++) {
                Drawn drawn = requests.draw(fate(size));
                refused |= drawn.sent().fate() == Fate.REFUSED;
                Open opened = open(client, drawn);
                asked.put(opened.stream, opened.sent);
                if (opened.at < 0) {
                    leave(client, opened);
                } else {
                    open.add(opened);
                }
            }
            while (!open.isEmpty()) {
                Open next = requests.oneOf(open);
                if (goOn(client, next)) {
                    open.remove(next);
                }
            }
        } catch (IOException e) {
            if (!refused) {
                ledger.fault("the connection ended within requests: " + asked + ": " + e);
            }
        }
        boolean usable = !refused;
        for (Map.Entry<Integer, Sent> one : asked.entrySet()) {
            boolean sound = one.getValue().fate() == Fate.LEFT || check(client, one.getKey(), one.getValue(), refused);
            usable &= sound;
        }
        return usable;
    }

    private Open open(FrameClient client, Drawn drawn) throws IOException {
        Sent sent = drawn.sent();
        List<String> headers = FrameClient.request(sent.method(), sent.target());
        headers.addAll(drawn.headers());
        boolean trailers = requests.chance(9);
        boolean end = sent.body().isEmpty() && !trailers && requests.chance(2);
        if (requests.chance(2) && !(end && requests.chance(2))) {
            headers.addAll(List.of("content-length", String.valueOf(sent.body().length())));
        }
        if (requests.chance(9)) {
            headers.addAll(List.of("te", "trailers", "cookie", "c=d"));
        }
        if (sent.fate() == Fate.REFUSED) {
            headers = Malformed.http2(headers, requests);
        }
        boolean breaksOff = sent.fate() == Fate.LEFT && requests.chance(2);
        Open open = new Open(client.open(end && !breaksOff, headers), sent, breaksOff, trailers);
        open.at = end && !breaksOff ? -1 : 0;
        return open;
    }

    /** Returns whether nothing more is to be sent. */
    private boolean goOn(FrameClient client, Open open) throws IOException {
        String body = open.sent.body();
        if (open.breaksOff && open.at >= body.length() / 2) {
            client.reset(open.stream);
            return true;
        }
        int count = Math.min(body.length() - open.at, 1 + random.nextInt(requests.chance(3) ? 16_000 : 300));
        byte[] data = body.substring(open.at, open.at + count).getBytes(ISO_8859_1);
        open.at += count;
        boolean last = open.at == body.length() && (data.length == 0 || requests.chance(2));
        boolean end = last && !open.trailers && !open.breaksOff;
        if (requests.chance(6)) {
            padded(client, open.stream, data, end);
        } else {
            client.data(open.stream, data, end);
        }
        if (last && open.trailers && !open.breaksOff) {
            client.trailers(open.stream, List.of("x-trailer", "t"));
            end = true;
        }
        if (end) {
            leave(client, open);
        }
        return end;
    }

    private void padded(FrameClient client, int stream, byte[] data, boolean end) throws IOException {
        int padding = random.nextInt(20);
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        payload.write(padding);
        payload.writeBytes(data);
        payload.writeBytes(new byte[padding]);
        client.frame(FrameClient.DATA, (end ? FrameClient.END_STREAM : 0) | 8, stream, payload.toByteArray());
    }

    private void leave(FrameClient client, Open open) throws IOException {
        if (open.sent.fate() == Fate.LEFT) {
            client.reset(open.stream);
        }
    }

    /** Returns whether the connection can be used on. */
    private boolean check(FrameClient client, int stream, Sent sent, boolean refused) throws InterruptedException {
        StreamAnswer answer;
        try {
            answer = client.await(stream, PATIENCE, StreamAnswer::isOver);
        } catch (TimeoutException e) {
            ledger.fault("no answer over HTTP/2 to " + sent + ": " + e.getMessage());
            return false;
        }
        boolean excused = refused || (sent.mayArrive() && !sent.behaviour().isSound());
        if (!answer.isWhole() && excused) {
            return client.isOpen();
        }
        String problem = Answers.problem(sent, answer.status(), answer.header("x-id"), answer.body(), answer.isWhole());
        if (problem != null) {
            ledger.fault(problem + " over HTTP/2 to " + sent + ": " + answer.status() + " " + answer.body());
        }
        return problem == null && client.isOpen();
    }
}

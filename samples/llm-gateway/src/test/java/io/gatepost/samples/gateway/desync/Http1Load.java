package io.gatepost.samples.gateway.desync;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.gatepost.samples.gateway.desync.RandomRequests.Drawn;
import io.gatepost.samples.gateway.desync.Sent.Fate;
import io.gatepost.testkit.WireClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Asks over HTTP/1.1: one after the other and pipelined, in pieces, in odd but legal forms, and in illegal ones. */
final class Http1Load {
    private final InetSocketAddress gateway;
    private final Ledger ledger;
    private final RandomRequests requests;
    private final Random random;

    Http1Load(InetSocketAddress gateway, Ledger ledger, RandomRequests requests) {
        this.gateway = gateway;
        this.ledger = ledger;
        this.requests = requests;
        random = requests.random;
    }

    /** Sends so many requests, or a few more. */
    void run(int count) throws IOException {
        int sent = 0;
        while (sent < count) {
            try (WireClient client = WireClient.connect(gateway)) {
                boolean goesOn = true;
                while (goesOn && sent < count) {
                    List<Drawn> batch = batch();
                    sent += batch.size();
                    ledger.underWay();
                    try {
                        goesOn = exchange(client, batch);
                    } finally {
                        ledger.answered();
                    }
                    goesOn &= random.nextInt(4) > 0;
                }
            }
        }
    }

    private List<Drawn> batch() {
        List<Drawn> batch = new ArrayList<>();
        int size = requests.chance(2) ? 1 : 1 + random.nextInt(5);
        Fate fate = Fate.ALLOWED;
        for (int i = 0; i < size && fate != Fate.LEFT; i++) {
            fate = fate == Fate.REFUSED || fate == Fate.UNREAD ? Fate.UNREAD : fate(i);
            batch.add(requests.draw(fate));
        }
        return batch;
    }

    /** One that is left stands alone: Undertow answers none while the next one has come in part. */
    private Fate fate(int place) {
        return switch (random.nextInt(16)) {
            case 0 -> Fate.REFUSED;
            case 1 -> place == 0 ? Fate.LEFT : Fate.ALLOWED;
            case 2 -> Fate.DENIED;
            default -> Fate.ALLOWED;
        };
    }

    /** Returns whether the connection can be used on. */
    private boolean exchange(WireClient client, List<Drawn> batch) throws IOException {
        StringBuilder octets = new StringBuilder();
        for (Drawn drawn : batch) {
            String request = drawn.sent().fate() == Fate.REFUSED ? Malformed.http1(drawn, requests) : text(drawn);
            octets.append(drawn.sent().fate() == Fate.LEFT ? request.substring(0, left(request)) : request);
        }
        // Where the connection is ended at one, the answers to those before it may be lost on their way.
        boolean ends = batch.stream()
                .anyMatch(drawn -> drawn.sent().fate() == Fate.REFUSED
                        || drawn.sent().behaviour().breaksOff());
        try {
            send(client, octets.toString());
        } catch (IOException e) {
            // Closed where one was refused: what it said before that can still be read.
        }
        for (Drawn drawn : batch) {
            if (drawn.sent().fate() == Fate.LEFT || !read(client, drawn.sent(), ends)) {
                return false;
            }
        }
        return true;
    }

    private int left(String request) {
        return requests.chance(3) ? request.length() : 1 + random.nextInt(request.length() - 1);
    }

    private void send(WireClient client, String octets) throws IOException {
        byte[] all = octets.getBytes(ISO_8859_1);
        int at = 0;
        while (at < all.length) {
            int end = requests.chance(3) ? Math.min(all.length, at + 1 + random.nextInt(200)) : all.length;
            client.send(Arrays.copyOfRange(all, at, end));
            at = end;
        }
    }

    /** Returns whether another answer may follow. */
    private boolean read(WireClient client, Sent sent, boolean ends) {
        WireClient.Response response;
        try {
            response = sent.method().equals("HEAD") && sent.fate() != Fate.REFUSED
                    ? client.responseToHead()
                    : client.response();
        } catch (IOException | RuntimeException e) {
            // No answer, or half of one.
            boolean excused = ends || (!sent.behaviour().isSound() && sent.mayArrive());
            if (!excused) {
                ledger.fault("no whole answer to " + sent + ": " + e);
            }
            return false;
        }
        String id = response.head().values("x-id").stream().findFirst().orElse("");
        if (ends && response.status() == 400) {
            return false;
        }
        String problem = Answers.problem(sent, response.status(), id, response.text(), true);
        if (problem != null) {
            ledger.fault(problem + " over HTTP/1.1 to " + sent + ": " + response.head() + " " + response.text());
        }
        return problem == null
                && response.head().values("connection").stream().noneMatch(value -> value.contains("close"));
    }

    private String text(Drawn drawn) {
        Sent sent = drawn.sent();
        StringBuilder text = new StringBuilder(sent.method())
                .append(' ')
                .append(sent.target())
                .append(" HTTP/1.1\r\n");
        List<String> lines = new ArrayList<>();
        lines.add(name("host") + ": a.test");
        for (int i = 0; i < drawn.headers().size(); i += 2) {
            lines.add(name(drawn.headers().get(i)) + ":" + blank()
                    + drawn.headers().get(i + 1) + blank());
        }
        if (requests.chance(8)) {
            lines.add(name("connection") + ": " + requests.oneOf(List.of("x-hop", "TE, x-hop , keep-alive")));
            lines.add("x-hop: 1");
            lines.add("te: trailers");
        }
        String body = framed(sent, lines);
        Collections.shuffle(lines, random);
        lines.forEach(line -> text.append(line).append("\r\n"));
        return text.append("\r\n").append(body).toString();
    }

    private String framed(Sent sent, List<String> lines) {
        if (sent.body().isEmpty() && requests.chance(2)) {
            return "";
        }
        if (requests.chance(2)) {
            lines.add(name("content-length") + ":" + blank() + sent.body().length() + blank());
            return sent.body();
        }
        lines.add(name("transfer-encoding") + ": " + requests.oneOf(List.of("chunked", "Chunked")));
        return chunked(sent.body());
    }

    String chunked(String body) {
        StringBuilder chunks = new StringBuilder();
        int at = 0;
        while (at < body.length()) {
            int size = Math.min(body.length() - at, 1 + random.nextInt(requests.chance(4) ? 5000 : 50));
            String hex = Integer.toHexString(size);
            chunks.append(requests.chance(9) ? "000" : "")
                    .append(requests.chance(2) ? hex.toUpperCase(Locale.ROOT) : hex)
                    .append(requests.chance(9) ? ";a=\"b\"" : "")
                    .append("\r\n")
                    .append(body, at, at + size)
                    .append("\r\n");
            at += size;
        }
        return chunks + "0\r\n" + (requests.chance(9) ? "x-trailer: x\r\n" : "") + "\r\n";
    }

    private String name(String name) {
        return switch (random.nextInt(4)) {
            case 0 -> name.toUpperCase(Locale.ROOT);
            case 1 -> Character.toUpperCase(name.charAt(0)) + name.substring(1);
            default -> name;
        };
    }

    private String blank() {
        return requests.oneOf(List.of("", " ", " ", "  ", "\t"));
    }
}

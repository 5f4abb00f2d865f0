package io.gatepost.samples.gateway.desync;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** Answers as upstreams do, and as they should not. */
final class UpstreamAnswers {
    private static final String EVIL = "HTTP/1.1 200 OK\r\nx-id: evil\r\nContent-Length: 4\r\n\r\nevil";

    private final Ledger ledger;

    UpstreamAnswers(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Answers a request; returns whether the connection goes on. */
    boolean write(Sent sent, OutputStream out) throws IOException {
        boolean toHead = sent.method().equals("HEAD");
        String body = sent.answer();
        String head = "HTTP/1.1 200 OK\r\nx-id: " + sent.id() + "\r\n";
        String length = "Content-Length: " + body.length() + "\r\n\r\n";
        String whole = head + length + (toHead ? "" : body);
        switch (sent.behaviour()) {
            case CHUNKED -> write(out, head + "Transfer-Encoding: chunked\r\n\r\n" + (toHead ? "" : chunked(body)));
            case TRICKLED -> trickle(out, whole);
            case INTERIM -> write(out, "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early\r\nx-id: no\r\n\r\n" + whole);
            case UNTIL_CLOSE -> write(out, head + "\r\n" + (toHead ? "" : body));
            case CLOSED_LATE -> {
                write(out, whole);
                LockSupport.parkNanos(Math.floorMod(sent.id().hashCode(), 1000) * 1000L);
            }
            case SURPLUS -> write(out, toHead ? whole + body : whole + EVIL);
            case SURPLUS_LATE -> {
                write(out, whole);
                ledger.whileQuiet(() -> write(out, EVIL));
            }
            case NO_CONTENT -> write(out, head.replace("200 OK", "204 No Content") + length);
            case NOT_MODIFIED -> write(out, head.replace("200 OK", "304 Not Modified") + length);
            case NO_CONTENT_SURPLUS -> write(out, head.replace("200 OK", "204 No Content") + length + body);
            case TWO_LENGTHS -> write(out, head + "Content-Length: 1\r\n" + length + body);
            case TWO_CODINGS -> write(out, head + "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked(body));
            case BAD_CHUNKS -> write(out, head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n");
            case BROKEN_OFF -> write(out, head + "Content-Length: 100000\r\n\r\n" + sent.id());
            default -> write(out, whole);
        }
        return switch (sent.behaviour()) {
            case UNTIL_CLOSE, CLOSED, CLOSED_LATE, BROKEN_OFF -> false;
            default -> true;
        };
    }

    private static String chunked(String body) {
        StringBuilder chunks = new StringBuilder();
        Random random = new Random(body.hashCode());
        int at = 0;
        while (at < body.length()) {
            int size = 1 + random.nextInt(random.nextInt(5) == 0 ? 5000 : 20);
            String chunk = body.substring(at, Math.min(body.length(), at + size));
            chunks.append(Integer.toHexString(chunk.length())).append(random.nextInt(9) == 0 ? ";x=y\r\n" : "\r\n");
            chunks.append(chunk).append("\r\n");
            at += size;
        }
        return chunks + "0\r\n" + (random.nextInt(9) == 0 ? "x-trailer: t\r\n" : "") + "\r\n";
    }

    private static void trickle(OutputStream out, String text) throws IOException {
        int step = Math.max(7, text.length() / 5);
        for (int at = 0; at < text.length(); at += step) {
            write(out, text.substring(at, Math.min(text.length(), at + step)));
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(ISO_8859_1));
    }
}

package io.gatepost.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** A body out of its framing (RFC 9112 section 6), byte by byte as it comes. Breaks off with an exception. */
final class MessageBody extends InputStream {
    private static final long TO_THE_END = Long.MAX_VALUE;

    private final InputStream wire;
    private final boolean chunked;
    private long left;
    private boolean first = true;
    private boolean over;

    private MessageBody(InputStream wire, boolean chunked, long left) {
        this.wire = wire;
        this.chunked = chunked;
        this.left = left;
        over = !chunked && left == 0;
    }

    static MessageBody ofRequest(MessageHead head, InputStream wire) throws IOException {
        String length = head.value("content-length");
        if (head.isChunked() && length != null) {
            throw new IOException("both a length and chunks");
        }
        return new MessageBody(wire, head.isChunked(), length == null ? 0 : Long.parseLong(length));
    }

    static MessageBody ofResponse(MessageHead head, boolean toHead, InputStream wire) {
        if (toHead || head.status() == 204 || head.status() == 304) {
            return new MessageBody(wire, false, 0);
        }
        String length = head.value("content-length");
        return new MessageBody(wire, head.isChunked(), length == null ? TO_THE_END : Long.parseLong(length));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (chunked && !over && (first || left == 0)) {
            nextChunk();
        }
        if (over) {
            return -1;
        }
        int count = wire.read(buffer, offset, (int) Math.min(length, left));
        if (count < 0) {
            over = true;
            if (left == TO_THE_END) {
                return -1;
            }
            throw new EOFException("the body broke off");
        }
        if (left != TO_THE_END) {
            left -= count;
            over = !chunked && left == 0;
        }
        return count;
    }

    private void nextChunk() throws IOException {
        if (!first) {
            expectEmptyLine();
        }
        first = false;
        String line = MessageHead.line(wire);
        if (line == null) {
            throw new EOFException("the body broke off");
        }
        left = Long.parseLong(line.split(";", 2)[0].strip(), 16);
        if (left == 0) {
            over = true;
            for (String trailer = MessageHead.line(wire); !"".equals(trailer); trailer = MessageHead.line(wire)) {
                if (trailer == null) {
                    throw new EOFException("the body broke off");
                }
            }
        }
    }

    private void expectEmptyLine() throws IOException {
        if (!"".equals(MessageHead.line(wire))) {
            throw new EOFException("the body broke off");
        }
    }
}

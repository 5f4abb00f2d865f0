package io.gatepost.undertow;

import io.undertow.conduits.ChunkedStreamSourceConduit;
import io.undertow.conduits.ReadDataStreamSourceConduit;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Reads along below Undertow's reader of chunks, which takes a missing size for zero, skips what stands behind a chunk,
 * and ends lines with a line feed alone. Fails at the first octet that RFC 9112 section 7.1 does not allow, before
 * anybody takes the body for whole.
 */
final class StrictChunks extends SingleReads {
    private static final int MAX_SIZE_DIGITS = 15;
    private static final int MAX_LINE = 4096;
    private static final int MAX_TRAILERS = 64 * 1024;

    /** What comes next. */
    private enum Part {
        SIZE,
        EXTENSION,
        END_OF_SIZE,
        DATA,
        END_OF_DATA,
        LINE_FEED_OF_DATA,
        TRAILER,
        TRAILER_VALUE,
        END_OF_TRAILER,
        END,
        DONE,
        BROKEN
    }

    private final HttpServerConnection connection;
    private boolean started;
    private boolean broken;
    private Part part = Part.SIZE;
    private long size;
    private int digits;
    private int line;
    private int trailers;

    private StrictChunks(HttpServerConnection connection) {
        super(new ReadDataStreamSourceConduit(connection.getOriginalSourceConduit(), connection));
        this.connection = connection;
    }

    /** To be called before anything has been read. */
    static void guard(HttpServerExchange exchange) {
        if (exchange.getConnection() instanceof HttpServerConnection connection
                && !exchange.isRequestComplete()
                && exchange.getRequestHeaders().contains(Headers.TRANSFER_ENCODING)) {
            StrictChunks checked = new StrictChunks(connection);
            StreamSourceConduit data = new ChunkedStreamSourceConduit(checked, exchange, read -> {
                if (!read.isFinished()) {
                    exchange.setPersistent(false);
                }
                Connectors.terminateRequest(exchange);
            });
            connection.getChannel().getSourceChannel().setConduit(checked.new Data(data));
        }
    }

    /** Undertow's reader closes the connection where it meets an exception, so it meets none, and this one throws. */
    private final class Data extends SingleReads {
        Data(StreamSourceConduit next) {
            super(next);
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            int count = broken ? 0 : super.read(target);
            if (broken) {
                throw new IOException("the body is not chunked as RFC 9112 section 7.1 says");
            }
            return count;
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        // What Undertow's reader gave back has been checked.
        PooledByteBuffer given = started ? connection.getExtraBytes() : null;
        int again = given == null ? 0 : given.getBuffer().remaining();
        started = true;
        int start = target.position();
        int count = super.read(target);
        if (count > again && !isSound(target, start + again)) {
            broken = true;
            target.position(start);
            return 0;
        }
        return count;
    }

    private boolean isSound(ByteBuffer target, int start) {
        int at = start;
        while (at < target.position() && part != Part.DONE && part != Part.BROKEN) {
            if (part == Part.DATA) {
                long taken = Math.min(size, target.position() - at);
                size -= taken;
                at += (int) taken;
                part = size == 0 ? Part.END_OF_DATA : Part.DATA;
            } else {
                part = after(target.get(at) & 0xff);
                at++;
            }
        }
        return part != Part.BROKEN;
    }

    private Part after(int octet) {
        return switch (part) {
            case SIZE -> afterSize(octet);
            case EXTENSION -> afterExtension(octet);
            case END_OF_SIZE -> expect(octet == '\n', endOfSize());
            case END_OF_DATA -> expect(octet == '\r', Part.LINE_FEED_OF_DATA);
            case LINE_FEED_OF_DATA -> expect(octet == '\n', Part.SIZE);
            case TRAILER -> afterTrailer(octet);
            case TRAILER_VALUE -> afterTrailerValue(octet);
            case END_OF_TRAILER -> expect(octet == '\n', Part.TRAILER);
            case END -> expect(octet == '\n', Part.DONE);
            default -> Part.BROKEN;
        };
    }

    private Part afterSize(int octet) {
        int digit = octet < 0x80 ? Character.digit(octet, 16) : -1;
        if (digit >= 0) {
            size = size * 16 + digit;
            digits++;
            return expect(digits <= MAX_SIZE_DIGITS, Part.SIZE);
        }
        Part next = octet == '\r' ? Part.END_OF_SIZE : Part.EXTENSION;
        return expect(digits > 0 && (octet == '\r' || octet == ';'), next);
    }

    private Part afterExtension(int octet) {
        line++;
        return octet == '\r' ? Part.END_OF_SIZE : expect(isText(octet) && line <= MAX_LINE, Part.EXTENSION);
    }

    private Part endOfSize() {
        digits = 0;
        line = 0;
        return size == 0 ? Part.TRAILER : Part.DATA;
    }

    /** At the start of a trailer's line, or within its name. */
    private Part afterTrailer(int octet) {
        trailers++;
        line++;
        if (octet == '\r' && line == 1) {
            return Part.END;
        }
        if (octet == ':' && line > 1) {
            return Part.TRAILER_VALUE;
        }
        return expect(isToken(octet) && trailers <= MAX_TRAILERS, Part.TRAILER);
    }

    private Part afterTrailerValue(int octet) {
        trailers++;
        if (octet == '\r') {
            line = 0;
            return Part.END_OF_TRAILER;
        }
        return expect(isText(octet) && trailers <= MAX_TRAILERS, Part.TRAILER_VALUE);
    }

    private static boolean isText(int octet) {
        return octet == '\t' || (octet >= 0x20 && octet != 0x7f);
    }

    private static boolean isToken(int octet) {
        return octet > 0x20 && octet < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(octet) < 0;
    }

    private static Part expect(boolean met, Part next) {
        return met ? next : Part.BROKEN;
    }
}

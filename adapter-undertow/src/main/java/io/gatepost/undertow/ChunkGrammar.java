package io.gatepost.undertow;

/**
 * The grammar of a body in chunks (RFC 9112 section 7.1), octet by octet. What the section does not allow breaks it,
 * and it stays broken: readers differ in what they make of a missing size, of octets behind a chunk and of a line that
 * ends with a line feed alone.
 */
final class ChunkGrammar {
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

    private Part part = Part.SIZE;
    private long size;
    private int digits;
    private int line;
    private int trailers;

    boolean isDone() {
        return part == Part.DONE;
    }

    boolean isBroken() {
        return part == Part.BROKEN;
    }

    /** How many octets of data come next; 0 where it is the framing's turn. */
    long data() {
        return part == Part.DATA ? size : 0;
    }

    /** Goes over octets of data, no more than come next. */
    void pass(int count) {
        size -= count;
        part = size == 0 ? Part.END_OF_DATA : Part.DATA;
    }

    /** Goes over an octet of the framing. */
    void framing(int octet) {
        part = after(octet);
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

package io.gatepost.undertow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSourceChannel;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.ConduitWritableByteChannel;
import org.xnio.conduits.Conduits;
import org.xnio.conduits.StreamSinkConduit;

/** Looks at the frames that are sent, to know which streams are over. */
final class Http2Sent extends AbstractStreamSinkConduit<StreamSinkConduit> {
    private final Http2Streams streams;
    private final byte[] head = new byte[Http2Frame.HEAD];
    private int headRead;
    private int payloadLeft;

    Http2Sent(StreamSinkConduit next, Http2Streams streams) {
        super(next);
        this.streams = streams;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        ByteBuffer sent = source.duplicate();
        int count = next.write(source);
        look(sent, count);
        return count;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        ByteBuffer[] sent = new ByteBuffer[length];
        for (int i = 0; i < length; i++) {
            sent[i] = sources[offset + i].duplicate();
        }
        long count = next.write(sources, offset, length);
        long left = count;
        for (int i = 0; i < length && left > 0; i++) {
            int part = (int) Math.min(left, sent[i].remaining());
            look(sent[i], part);
            left -= part;
        }
        return count;
    }

    @Override
    public int writeFinal(ByteBuffer source) throws IOException {
        return Conduits.writeFinalBasic(this, source);
    }

    @Override
    public long writeFinal(ByteBuffer[] sources, int offset, int length) throws IOException {
        return Conduits.writeFinalBasic(this, sources, offset, length);
    }

    @Override
    public long transferFrom(FileChannel source, long position, long count) throws IOException {
        return source.transferTo(position, count, new ConduitWritableByteChannel(this));
    }

    @Override
    public long transferFrom(StreamSourceChannel source, long count, ByteBuffer through) throws IOException {
        return IoUtils.transfer(source, count, through, new ConduitWritableByteChannel(this));
    }

    private void look(ByteBuffer sent, int count) {
        int left = count;
        while (left > 0) {
            int part = Math.min(left, payloadLeft);
            if (part > 0) {
                sent.position(sent.position() + part);
                payloadLeft -= part;
            } else {
                part = 1;
                head[headRead++] = sent.get();
                if (headRead == head.length) {
                    headRead = 0;
                    look(Http2Frame.of(head));
                }
            }
            left -= part;
        }
    }

    private void look(Http2Frame frame) {
        payloadLeft = frame.length();
        if (frame.type() == Http2Frame.RST_STREAM) {
            streams.reset(frame.stream());
        } else if (frame.type() <= Http2Frame.HEADERS && frame.has(Http2Frame.END_STREAM)) {
            streams.answered(frame.stream());
        }
    }
}

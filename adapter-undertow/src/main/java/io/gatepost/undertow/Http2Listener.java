package io.gatepost.undertow;

import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.protocols.http2.Http2Channel;
import io.undertow.server.ConnectorStatistics;
import io.undertow.server.DelegateOpenListener;
import io.undertow.server.HttpHandler;
import io.undertow.server.protocol.http2.Http2ReceiveListener;
import io.undertow.util.AttachmentKey;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * Takes HTTP/2 connections, by ALPN or with prior knowledge, and stands before Undertow's own reader, which looks at
 * names, values, lengths and limits less closely than RFC 9113 asks, adds fields to a head that was judged already, and
 * has no limit on streams. What is malformed is reset and reaches no handler; a flood ends its connection.
 * {@link EntryHandler} takes HTTP/2 from no other listener. Immutable but for its handler; thread-safe.
 */
public final class Http2Listener implements DelegateOpenListener {
    /** Marks the connections that were taken here. */
    static final AttachmentKey<Boolean> GUARDED = AttachmentKey.create(Boolean.class);

    private static final int UNDERTOWS_HEADER_BYTES = 20_000;
    private static final long GOODBYE_SECONDS = 2;

    private final ByteBufferPool buffers;
    private final int bufferSize;
    private final Http2Limits limits;
    private final OptionMap options;
    private volatile HttpHandler handler;

    /**
     * Takes connections.
     *
     * @param buffers what they read into
     * @param limits what each may ask for
     * @param options Undertow's options for them; those that {@code limits} is about are replaced
     * @param handler what gets their requests
     */
    public Http2Listener(ByteBufferPool buffers, Http2Limits limits, OptionMap options, HttpHandler handler) {
        this.buffers = Objects.requireNonNull(buffers, "buffers");
        this.handler = Objects.requireNonNull(handler, "handler");
        int undertows = Integer.getInteger(Http2Channel.HTTP2_MAX_HEADER_SIZE_PROPERTY, UNDERTOWS_HEADER_BYTES);
        this.limits = undertows > 0 && undertows < limits.headerBytes()
                ? new Http2Limits(limits.streams(), undertows, limits.headTimeout(), limits.idleTimeout())
                : limits;
        this.options = OptionMap.builder()
                .addAll(options)
                // Undertow resets such a stream without a word; EntryHandler answers it.
                .set(UndertowOptions.ALLOW_UNESCAPED_CHARACTERS_IN_URL, true)
                .set(UndertowOptions.MAX_HEADER_SIZE, this.limits.headerBytes())
                .set(UndertowOptions.MAX_HEADERS, 2 * Http2Head.MOST_FIELDS)
                .set(UndertowOptions.HTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, this.limits.streams())
                .set(UndertowOptions.HTTP2_SETTINGS_MAX_FRAME_SIZE, Http2Settings.mostFrame(this.limits))
                .set(UndertowOptions.REQUEST_PARSE_TIMEOUT, -1)
                .set(UndertowOptions.NO_REQUEST_TIMEOUT, -1)
                .getMap();
        try (PooledByteBuffer one = buffers.allocate()) {
            bufferSize = one.getBuffer().remaining();
        }
    }

    /**
     * Takes connections in the clear: those that begin as HTTP/2 with prior knowledge here, all others by another
     * listener.
     *
     * @param http1 what takes the others; Undertow's own, with {@code ENABLE_HTTP2} off
     * @return a new listener
     */
    public ChannelListener<StreamConnection> orElse(DelegateOpenListener http1) {
        return new PriorKnowledge(this, http1, buffers, limits);
    }

    /**
     * Lets clients in the clear switch to HTTP/2 by {@code Upgrade: h2c}, which RFC 9113 has given up. Off unless this
     * is the HTTP/1.1 listener's handler.
     *
     * @return a handler for that listener; this one's own gets the requests
     */
    public HttpHandler upgrading() {
        return new Http2Upgrade(this);
    }

    @Override
    public void handleEvent(StreamConnection connection) {
        handleEvent(connection, null);
    }

    @Override
    public void handleEvent(StreamConnection connection, @Nullable PooledByteBuffer begun) {
        Http2Streams streams = streams(connection);
        Window window = new Window();
        Http2Guard guard = guard(connection, streams, window);
        Http2Requests channel = new Http2Requests(connection, streams, buffers, options);
        channel.putAttachment(GUARDED, true);
        window.channel = channel;
        if (begun != null) {
            guard.accept(begun.getBuffer());
            begun.close();
        }
        HttpHandler next = handler;
        HttpHandler begin = exchange -> {
            channel.begun(exchange);
            next.handleRequest(exchange);
        };
        channel.getReceiveSetter().set(new Http2ReceiveListener(begin, options, bufferSize, null));
        channel.resumeReceives();
    }

    /** A connection that has just been switched; its first request has come. */
    Http2Streams guardUpgraded(StreamConnection connection) {
        Http2Streams streams = streams(connection);
        streams.reached(1);
        streams.open(1, new Http2Streams.Request(0, true));
        guard(connection, streams, new Window());
        return streams;
    }

    private Http2Streams streams(StreamConnection connection) {
        return new Http2Streams(limits.streams(), connection.getIoThread());
    }

    private Http2Guard guard(StreamConnection connection, Http2Streams streams, Window window) {
        Http2Octets sound = new Http2Octets();
        Http2Frames frames = new Http2Frames(limits, streams, sound, window::dropped);
        ConduitStreamSourceChannel source = connection.getSourceChannel();
        Http2Guard guard = new Http2Guard(source.getConduit(), frames, sound);
        source.setConduit(guard);
        ConduitStreamSinkChannel sink = connection.getSinkChannel();
        sink.setConduit(new Http2Sent(sink.getConduit(), streams));
        new Watch(connection, window, frames, streams).schedule();
        return guard;
    }

    /** The channel, once there is one, which reads from what is told of it. */
    private static final class Window {
        private @Nullable Http2Channel channel;

        /** What nobody reads of a body must not narrow the connection for others. */
        void dropped(int octets) {
            if (channel != null) {
                try {
                    channel.updateReceiveFlowControlWindow(octets);
                } catch (IOException e) {
                    IoUtils.safeClose(channel);
                }
            }
        }

        void sayGoodbye() {
            if (channel != null) {
                channel.sendGoAway(Http2Channel.ERROR_NO_ERROR);
            }
        }
    }

    /**
     * Ends a connection on which no head comes to its end, or no request at all, or that holds what nobody waits for.
     */
    private final class Watch implements Runnable {
        private final StreamConnection connection;
        private final Window window;
        private final Http2Frames frames;
        private final Http2Streams streams;
        private boolean hadOrphans;

        Watch(StreamConnection connection, Window window, Http2Frames frames, Http2Streams streams) {
            this.connection = connection;
            this.window = window;
            this.frames = frames;
            this.streams = streams;
        }

        void schedule() {
            long brief = Math.min(
                    limits.headTimeout().toMillis(), limits.idleTimeout().toMillis());
            connection.getIoThread().executeAfter(this, Math.max(10, brief / 4), TimeUnit.MILLISECONDS);
        }

        @Override
        public void run() {
            if (!connection.isOpen()) {
                return;
            }
            boolean orphans = streams.hasOrphans();
            if ((orphans && hadOrphans)
                    || frames.pendingNanos() > limits.headTimeout().toNanos()
                    || streams.idleNanos() > limits.idleTimeout().toNanos()) {
                window.sayGoodbye();
                connection
                        .getIoThread()
                        .executeAfter(() -> IoUtils.safeClose(connection), GOODBYE_SECONDS, TimeUnit.SECONDS);
            } else {
                hadOrphans = orphans;
                schedule();
            }
        }
    }

    @Override
    public HttpHandler getRootHandler() {
        return handler;
    }

    @Override
    public void setRootHandler(HttpHandler rootHandler) {
        handler = Objects.requireNonNull(rootHandler, "rootHandler");
    }

    @Override
    public OptionMap getUndertowOptions() {
        return options;
    }

    /** @throws UnsupportedOperationException always: the options are the constructor's */
    @Override
    public void setUndertowOptions(OptionMap undertowOptions) {
        throw new UnsupportedOperationException("the options are the constructor's");
    }

    @Override
    public ByteBufferPool getBufferPool() {
        return buffers;
    }

    /** Null: none are kept. */
    @Override
    public @Nullable ConnectorStatistics getConnectorStatistics() {
        return null;
    }
}

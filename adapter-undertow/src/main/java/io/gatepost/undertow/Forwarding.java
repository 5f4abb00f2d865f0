package io.gatepost.undertow;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.forward.ForwardedRequest;
import io.gatepost.policy.forward.HopByHop;
import io.gatepost.undertow.UpstreamCall.Failure;
import io.undertow.client.ClientCallback;
import io.undertow.client.ClientConnection;
import io.undertow.client.ClientExchange;
import io.undertow.client.ClientRequest;
import io.undertow.client.ClientResponse;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Transfer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;
import org.xnio.channels.StreamSinkChannel;

/** One request on its way to the upstream and its response on the way back. Everything happens on one I/O thread. */
final class Forwarding {
    private final HttpServerExchange exchange;
    private final ForwardedRequest forwarded;
    private final UpstreamConnections connections;
    private final Duration timeout;
    private final @Nullable Duration answerWithin;
    private final UpstreamTimer times;
    private @Nullable ClientConnection upstream;
    private @Nullable StreamSinkChannel requestBody;
    private @Nullable StreamSinkChannel response;
    private XnioExecutor.@Nullable Key timer;
    private XnioExecutor.@Nullable Key deadline;
    private long moved;
    private boolean requestSent;
    private boolean responseReceived;
    private boolean over;

    Forwarding(
            HttpServerExchange exchange,
            ForwardedRequest forwarded,
            UpstreamConnections connections,
            Duration timeout,
            @Nullable Duration answerWithin,
            UpstreamTimer times) {
        this.exchange = exchange;
        this.forwarded = forwarded;
        this.connections = connections;
        this.timeout = timeout;
        this.answerWithin = answerWithin;
        this.times = times;
    }

    void start() {
        exchange.addExchangeCompleteListener((complete, next) -> {
            end();
            next.proceed();
        });
        if (exchange.isRequestComplete()) {
            ClientWatch.start(exchange, this::clientGone);
        }
        if (answerWithin != null) {
            deadline =
                    exchange.getIoThread().executeAfter(this::timedOut, answerWithin.toMillis(), TimeUnit.MILLISECONDS);
        }
        connections.take(
                exchange.getIoThread(),
                exchange.getConnection().getByteBufferPool(),
                callback(this::send, this::unavailable));
    }

    private static <T> ClientCallback<T> callback(Consumer<T> completed, Consumer<IOException> failed) {
        return new ClientCallback<>() {
            @Override
            public void completed(T result) {
                completed.accept(result);
            }

            @Override
            public void failed(IOException e) {
                failed.accept(e);
            }
        };
    }

    private void send(ClientConnection connection) {
        if (over) {
            connections.giveBack(connection);
            return;
        }
        upstream = connection;
        moved = moved(connection);
        schedule();
        connection.sendRequest(request(), callback(this::sendBody, this::unavailable));
    }

    private ClientRequest request() {
        ClientRequest request =
                new ClientRequest().setMethod(exchange.getRequestMethod()).setPath(forwarded.target());
        HeaderMap headers = request.getRequestHeaders();
        forwarded.headers().forEach((name, values) -> headers.putAll(HeaderNames.of(name), values));
        String length = exchange.getRequestHeaders().getFirst(Headers.CONTENT_LENGTH);
        if (length != null) {
            headers.put(Headers.CONTENT_LENGTH, length);
        } else if (!exchange.isRequestComplete()) {
            headers.put(Headers.TRANSFER_ENCODING, "chunked");
        }
        return request;
    }

    private void sendBody(ClientExchange sent) {
        sent.setResponseListener(callback(this::receive, this::unavailable));
        if (exchange.isRequestComplete()) {
            requestSent = true;
            return;
        }
        requestBody = sent.getRequestChannel();
        Transfer.initiateTransfer(
                exchange.getRequestChannel(),
                requestBody,
                null,
                finishing(() -> {
                    requestSent = true;
                    ClientWatch.start(exchange, this::clientGone);
                }),
                (channel, e) -> badRequest(e),
                // The upstream may have answered before it stopped reading: its answer, or its end, comes by itself.
                (channel, e) -> channel.suspendWrites(),
                exchange.getConnection().getByteBufferPool());
    }

    private void receive(ClientExchange received) {
        ClientResponse head = received.getResponse();
        if (head.getResponseCode() < 200) {
            unavailable(new IOException("unasked upgrade"));
            return;
        }
        answered();
        times.answered(head.getResponseCode());
        exchange.setStatusCode(head.getResponseCode());
        copyHeaders(head.getResponseHeaders(), exchange.getResponseHeaders());
        StreamSinkChannel sink = exchange.getResponseChannel();
        response = sink;
        Transfer.initiateTransfer(
                received.getResponseChannel(),
                sink,
                null,
                channel -> {
                    // The upstream's response has been read to its end, and its connection may be used again.
                    responseReceived = true;
                    finishing(exchange::endExchange).handleEvent(channel);
                },
                (channel, e) -> fail(
                        Failure.BROKEN_OFF, ErrorResponse.of(502, "upstream_unavailable", "the upstream broke off")),
                (channel, e) -> clientGone(),
                exchange.getConnection().getByteBufferPool());
        flushHead(sink);
    }

    /** The head goes out at once, also where the body's first bytes take their time. */
    private void flushHead(StreamSinkChannel sink) {
        if (exchange.getResponseBytesSent() == 0 && !exchange.isResponseComplete()) {
            try {
                sink.flush();
            } catch (IOException e) {
                clientGone();
            }
        }
    }

    private static void copyHeaders(HeaderMap from, HeaderMap to) {
        HeaderValues named = from.get(Headers.CONNECTION);
        Set<String> dropped = HopByHop.headers(named == null ? List.of() : named);
        boolean chunked = from.contains(Headers.TRANSFER_ENCODING);
        for (HeaderValues values : from) {
            HttpString name = values.getHeaderName();
            boolean unframed = chunked && name.equals(Headers.CONTENT_LENGTH);
            if (!unframed && !dropped.contains(name.toString().toLowerCase(Locale.ROOT))) {
                to.putAll(name, values);
            }
        }
    }

    /** Ends a channel once its last bytes are out. */
    private ChannelListener<StreamSinkChannel> finishing(Runnable finished) {
        return sink -> {
            try {
                sink.shutdownWrites();
                if (sink.flush()) {
                    sink.getWriteSetter().set(null);
                    finished.run();
                } else {
                    sink.getWriteSetter()
                            .set(ChannelListeners.<StreamSinkChannel>flushingChannelListener(
                                    flushed -> finished.run(), ChannelListeners.closingChannelExceptionHandler()));
                    sink.resumeWrites();
                }
            } catch (IOException e) {
                IoUtils.safeClose(sink);
            }
        };
    }

    private void unavailable(IOException e) {
        if (e instanceof UpstreamConnections.ConnectTimeoutException) {
            timedOut();
        } else {
            fail(Failure.UNAVAILABLE, ErrorResponse.of(502, "upstream_unavailable", "the upstream can't be reached"));
        }
    }

    /** From now on only silence ends the response. */
    private void answered() {
        if (deadline != null) {
            deadline.remove();
            deadline = null;
        }
    }

    private void timedOut() {
        fail(Failure.TIMEOUT, ErrorResponse.of(504, "upstream_timeout", "the upstream did not answer in time"));
    }

    private void badRequest(IOException problem) {
        exchange.setPersistent(false);
        fail(Failure.CLIENT_GONE, BodyLimits.refusal(problem));
    }

    private void clientGone() {
        times.failed(Failure.CLIENT_GONE);
        drop(upstream);
        IoUtils.safeClose(exchange.getConnection());
        end();
    }

    private void fail(Failure why, ErrorResponse answer) {
        if (over) {
            return;
        }
        over = true;
        times.failed(why);
        drop(upstream);
        if (response == null) {
            Responses.send(exchange, answer);
        } else {
            Responses.abort(exchange, response);
        }
    }

    /** Also where the other side has ended it: a connection is used again only where nothing is left on it. */
    private void end() {
        over = true;
        times.ended();
        answered();
        if (timer != null) {
            timer.remove();
            timer = null;
        }
        ClientConnection connection = upstream;
        upstream = null;
        if (connection != null && requestSent && responseReceived) {
            connections.giveBack(connection);
        } else {
            drop(connection);
        }
    }

    /** Undertow's client ends a body properly before it closes, so that one that broke off would count as whole. */
    private void drop(@Nullable ClientConnection connection) {
        if (!requestSent) {
            IoUtils.safeClose(requestBody);
        }
        IoUtils.safeClose(connection);
    }

    /** Looks twice per timeout whether a byte has moved, instead of touching a timer for each one. */
    private void schedule() {
        timer = exchange.getIoThread()
                .executeAfter(this::check, Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS);
    }

    private void check() {
        ClientConnection connection = upstream;
        if (over || connection == null) {
            return;
        }
        long now = moved(connection);
        if (now == moved) {
            timedOut();
        } else {
            moved = now;
            schedule();
        }
    }

    private static long moved(ClientConnection connection) {
        return connection.getStatistics().getRead() + connection.getStatistics().getWritten();
    }
}

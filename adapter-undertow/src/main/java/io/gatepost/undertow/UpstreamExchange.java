package io.gatepost.undertow;

import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.forward.ForwardedRequest;
import io.gatepost.policy.forward.UpstreamFailure;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpServerExchange;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;
import org.xnio.channels.StreamSinkChannel;

/** One request on its way to the upstream and its response on the way back. Everything happens on one I/O thread. */
final class UpstreamExchange implements UpstreamConnections.Taker, ResponsePump.Events {
    private final HttpServerExchange exchange;
    private final UpstreamConnections connections;
    private final Silence.Watch silences;
    private final @Nullable Duration answerWithin;
    private final UpstreamTimer times;
    private final RequestPump request;
    private final Silence silence;
    private final ResponseHeadParser heads = new ResponseHeadParser();
    private @Nullable UpstreamConnection upstream;
    private @Nullable ResponsePump response;
    private @Nullable StreamSinkChannel responseBody;
    private XnioExecutor.@Nullable Key deadline;
    private boolean answerBegun;
    private boolean tunneled;
    private boolean over;

    UpstreamExchange(
            HttpServerExchange exchange,
            ForwardedRequest forwarded,
            UpstreamConnections connections,
            Silence.Watch silences,
            @Nullable Duration answerWithin,
            UpstreamTimer times) {
        this.exchange = exchange;
        this.connections = connections;
        this.silences = silences;
        this.answerWithin = answerWithin;
        this.times = times;
        silence = silences.over(exchange.getIoThread(), this::progress, () -> fail(UpstreamFailure.TIMEOUT));
        request = new RequestPump(exchange, forwarded, this::sent, this::readable, this::badRequest);
    }

    void start() {
        exchange.addExchangeCompleteListener((complete, next) -> {
            end();
            next.proceed();
        });
        ClientWatch.stream(exchange, this::clientGone);
        if (over) {
            return;
        }
        if (answerWithin != null) {
            deadline = exchange.getIoThread()
                    .executeAfter(() -> fail(UpstreamFailure.TIMEOUT), answerWithin.toMillis(), TimeUnit.MILLISECONDS);
        }
        connections.take(exchange.getIoThread(), request.isIdempotent(), this);
    }

    @Override
    public void taken(UpstreamConnection connection) {
        if (over) {
            connection.close();
            return;
        }
        upstream = connection;
        silence.start();
        connection.begin(this::readable);
        request.start(connection);
    }

    @Override
    public void failed(IOException e) {
        fail(
                e instanceof UpstreamConnections.ConnectTimeoutException
                        ? UpstreamFailure.TIMEOUT
                        : UpstreamFailure.UNAVAILABLE);
    }

    private void sent() {
        if (!over) {
            ClientWatch.afterRequest(exchange, this::clientGone);
        }
    }

    /** Something comes from the upstream, or it is gone. */
    private void readable() {
        UpstreamConnection connection = upstream;
        if (over || connection == null) {
            return;
        }
        if (response != null) {
            response.run();
            return;
        }
        PooledByteBuffer pooled = exchange.getConnection().getByteBufferPool().allocate();
        boolean passedOn = false;
        try {
            int count = connection.read(pooled.getBuffer());
            if (count < 0) {
                throw new EOFException("the upstream ended the connection");
            }
            answerBegun |= count > 0;
            pooled.getBuffer().flip();
            ResponseHead head = heads.parseFinal(pooled.getBuffer(), WebSocketUpgrade.isAsked(exchange));
            if (head != null && head.isInterim()) {
                passedOn = true;
                connect(connection, head, pooled);
            } else if (head != null) {
                ResponseBody body = ResponseBody.of(head, exchange.getRequestMethod());
                passedOn = true;
                receive(connection, head, body, pooled);
            }
        } catch (MalformedResponseException e) {
            fail(UpstreamFailure.MALFORMED);
        } catch (IOException e) {
            lost(connection);
        } finally {
            if (!passedOn) {
                pooled.close();
            }
        }
    }

    /** Both sides go on in another protocol, once the client has been told. */
    private void connect(UpstreamConnection connection, ResponseHead head, PooledByteBuffer read) {
        upstream = null;
        times.answered(head.status());
        Tunnel tunnel =
                new Tunnel(connection, read, exchange.getConnection().getByteBufferPool(), silences, times::ended);
        tunneled = true;
        head.copyHeaders(exchange.getResponseHeaders());
        exchange.getConnection().addCloseListener(gone -> tunnel.clientGone());
        exchange.upgradeChannel(WebSocketUpgrade.PROTOCOL, (client, opened) -> tunnel.start(new Peer(client, client)));
        exchange.endExchange();
    }

    /** A connection that had served before may have been closed before the request came: it is sent once more. */
    private void lost(UpstreamConnection connection) {
        boolean closed = connection.isReused() && !answerBegun;
        if (closed) {
            connections.closedIdle(connection);
        }
        if (!closed || !request.isRepeatable()) {
            fail(UpstreamFailure.UNAVAILABLE);
            return;
        }
        upstream = null;
        request.rewind();
        connections.open(exchange.getIoThread(), this);
    }

    private void receive(UpstreamConnection connection, ResponseHead head, ResponseBody body, PooledByteBuffer read) {
        answered();
        times.answered(head.status());
        exchange.setStatusCode(head.status());
        head.copyHeaders(exchange.getResponseHeaders());
        StreamSinkChannel sink = exchange.getResponseChannel();
        responseBody = sink;
        response = new ResponsePump(
                connection, body, sink, exchange.getConnection().getByteBufferPool(), this);
        response.start(read);
    }

    @Override
    public void moved(int count) {
        times.moved(count);
    }

    @Override
    public void received(boolean leavesConnection) {
        UpstreamConnection connection = upstream;
        upstream = null;
        if (connection != null && leavesConnection && request.isSent()) {
            connections.giveBack(connection);
        } else if (connection != null) {
            connection.close();
        }
    }

    @Override
    public void delivered() {
        exchange.endExchange();
    }

    @Override
    public void brokenOff() {
        fail(UpstreamFailure.BROKEN_OFF);
    }

    @Override
    public void clientGone() {
        if (!over) {
            over = true;
            times.failed(UpstreamFailure.CLIENT_GONE);
            drop();
            Exchanges.abandon(exchange);
        }
    }

    /** From now on only silence ends the response. */
    private void answered() {
        if (deadline != null) {
            deadline.remove();
            deadline = null;
        }
    }

    private void badRequest(IOException problem) {
        exchange.setPersistent(false);
        fail(UpstreamFailure.CLIENT_GONE, BodyLimits.refusal(problem));
    }

    private void fail(UpstreamFailure why) {
        fail(why, why.answer());
    }

    private void fail(UpstreamFailure why, ErrorResponse answer) {
        if (over) {
            return;
        }
        over = true;
        times.failed(why);
        drop();
        if (responseBody == null) {
            Exchanges.send(exchange, answer);
        } else {
            Exchanges.abort(exchange, responseBody);
        }
    }

    private void end() {
        over = true;
        if (!tunneled) {
            times.ended();
        }
        answered();
        drop();
    }

    /** Ends the upstream's work at once, and whatever waits for it. */
    private void drop() {
        request.stop();
        if (response != null) {
            response.stop();
        }
        silence.stop();
        if (upstream != null) {
            upstream.close();
            upstream = null;
        }
    }

    private long progress() {
        return exchange.getResponseBytesSent() + (upstream == null ? 0 : upstream.moved());
    }
}

package io.gatepost.undertow;

import io.gatepost.policy.ErrorResponse;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.io.DefaultIoCallback;
import io.undertow.io.IoCallback;
import io.undertow.io.Sender;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpContinue;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.Protocols;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.channels.StreamSourceChannel;

/** Ends exchanges with answers of the gateway's own. */
final class Exchanges {
    /** How much of a body that nobody wants is read, so that the connection stays usable and the answer arrives. */
    static final long DRAINED = 8L * 1024 * 1024;

    private static final IoCallback WRITTEN = new Written();

    private Exchanges() {}

    /** Sends an answer, in the form that the client understands. To be called only while no response was started. */
    static void send(HttpServerExchange exchange, ErrorResponse answer) {
        ErrorResponse response = answer.inAnswerTo(new UndertowRequest(exchange));
        refuseBody(exchange);
        exchange.setStatusCode(response.status());
        HeaderMap headers = exchange.getResponseHeaders();
        response.headers().forEach((name, value) -> headers.put(HeaderNames.of(name), value));
        byte[] body = response.bodyBytes();
        headers.put(Headers.CONTENT_LENGTH, Integer.toString(body.length));
        if (exchange.getRequestMethod().equals(Methods.HEAD) || body.length == 0) {
            exchange.endExchange();
        } else {
            exchange.getResponseSender().send(ByteBuffer.wrap(body), WRITTEN);
        }
    }

    /** The answer is written: it is sent off, and then the exchange ends. */
    private static final class Written extends DefaultIoCallback {
        private static final IoCallback SENT = new Sent();

        @Override
        public void onComplete(HttpServerExchange exchange, Sender sender) {
            sender.close(SENT);
        }
    }

    private static final class Sent extends DefaultIoCallback {
        @Override
        public void onComplete(HttpServerExchange exchange, Sender sender) {
            try {
                dropWhatCame(exchange);
                exchange.endExchange();
            } catch (IOException e) {
                abandon(exchange);
            }
        }

        /** Drops what has come of the body: Undertow would ask the system for more than a read. */
        private static void dropWhatCame(HttpServerExchange exchange) throws IOException {
            boolean complete =
                    exchange.isRequestComplete() || exchange.getProtocol().equals(Protocols.HTTP_2_0);
            StreamSourceChannel body = complete ? null : exchange.getRequestChannel();
            if (body == null) {
                return;
            }
            try (PooledByteBuffer pooled =
                    exchange.getConnection().getByteBufferPool().allocate()) {
                while (body.read(pooled.getBuffer()) > 0) {
                    pooled.getBuffer().clear();
                }
            }
        }
    }

    /** What is left of the body is read and dropped up to a limit; beyond it the connection closes. */
    private static void refuseBody(HttpServerExchange exchange) {
        if (exchange.isRequestComplete()) {
            return;
        }
        if (HttpContinue.requiresContinueResponse(exchange)) {
            // The client need not send the body now, so what it sends next can't be told apart from one.
            exchange.setPersistent(false);
        }
        if (exchange.isRequestChannelAvailable()
                && (exchange.getMaxEntitySize() <= 0 || exchange.getMaxEntitySize() > DRAINED)) {
            exchange.setMaxEntitySize(DRAINED);
        }
    }

    /** Ends a response that was started so that the client can't take it for a whole one. */
    static void abort(HttpServerExchange exchange, StreamSinkChannel response) {
        if (exchange.getProtocol().equals(Protocols.HTTP_2_0)) {
            // Resets the stream; other streams of the connection go on.
            IoUtils.safeClose(response);
        }
        abandon(exchange);
    }

    /** Ends an exchange whose client is gone: Undertow itself tells nobody of it. */
    static void abandon(HttpServerExchange exchange) {
        if (!exchange.getProtocol().equals(Protocols.HTTP_2_0)) {
            exchange.setPersistent(false);
            IoUtils.safeClose(exchange.getConnection());
        }
        Connectors.terminateRequest(exchange);
        Connectors.terminateResponse(exchange);
    }
}
